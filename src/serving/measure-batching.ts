// Whether calls of one row each gain by sharing a batch: measured on the model itself, since a linear model gains nothing and a
// remote one nearly everything.
import type { MicroBatcher } from "./micro-batcher.ts";

export interface BatchingMeasure {
  readonly wins: boolean;
  /** The median of a call of one row. */
  readonly rowUs: number;
  /** A row's part of a call with several. */
  readonly batchedRowUs: number;
  /** It waits for something beside this thread: a lookup, ONNX Runtime, a remote model. */
  readonly waits: boolean;
}

/** A row that costs less is answered before a second one has come. */
const leastRowUs = 200;
const leastGain = 2;
const singleCalls = 5;
const maxBatchMs = 250;

/** Null where the rows are not answered. `rows` are repeated as need be; the service should be warm. */
export async function measureBatching(
  service: MicroBatcher,
  rows: readonly unknown[],
): Promise<BatchingMeasure | null> {
  if (rows.length === 0) return null;
  const take = (count: number): readonly unknown[] =>
    Array.from({ length: count }, (_, index) => rows[index % rows.length]);
  try {
    const waits = await waitsForOthers(service, take(1));
    const times: number[] = [];
    for (let call = 0; call < singleCalls; call++) times.push(await timeUs(service, take(1)));
    const rowUs = times.sort((one, other) => one - other)[singleCalls >> 1] as number;
    if (rowUs <= leastRowUs && !waits) return { wins: false, rowUs, batchedRowUs: rowUs, waits };
    const count = Math.max(2, Math.min(16, Math.floor((maxBatchMs * 1000) / rowUs)));
    const batchedRowUs = Math.min(await timeUs(service, take(count)), await timeUs(service, take(count))) / count;
    return { wins: rowUs >= leastGain * batchedRowUs, rowUs, batchedRowUs, waits };
  } catch {
    return null;
  }
}

async function timeUs(service: MicroBatcher, rows: readonly unknown[]): Promise<number> {
  const began = performance.now();
  await service.answer(rows);
  return (performance.now() - began) * 1000;
}

/** What computes on this thread is done before the event loop goes on: in the microtasks of its own call. */
export async function waitsForOthers(service: MicroBatcher, rows: readonly unknown[]): Promise<boolean> {
  let settled = false;
  const answered = service.answer(rows).then(() => {
    settled = true;
  });
  await new Promise<void>((resolve) => process.nextTick(resolve));
  const waits = !settled;
  await answered;
  return waits;
}
