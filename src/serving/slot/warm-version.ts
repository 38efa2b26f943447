// A new version answers made-up calls before its first real one, so that its code is compiled and its memory touched.
import { measureBatching, waitsForOthers } from "../measure-batching.ts";
import type { BatchLimits } from "../micro-batcher.ts";
import type { LoadedVersion } from "./loaded-version.ts";
import { warmRows } from "./warm-rows.ts";

export interface WarmOptions {
  /** Rows that are answered at the least, one a call, if time allows. 0 warms nothing. @default 300 */
  readonly rows?: number;
  /** Nothing new is begun after this. @default 250 */
  readonly maxMs?: number;
  /** Limits of the batches that concurrent calls share where the model gains by it; null: they never share. @default {} */
  readonly batching?: BatchLimits | null;
}

/** The answers and their failures are nobody's: what a version must answer was verified before. */
export async function warmVersion(
  version: LoadedVersion,
  { rows = 300, maxMs = 250, batching = {} }: WarmOptions = {},
): Promise<void> {
  const { service } = version;
  const given = rows <= 0 ? [] : warmRows(service);
  if (given.length === 0) return;
  const end = performance.now() + maxMs;
  const answer = async (asked: readonly unknown[]): Promise<boolean> => {
    try {
      const answers = await service.answer(asked);
      if (answers.issues.length === 0) answers.text(0);
      return true;
    } catch {
      return false;
    }
  };
  // A remote model or a lookup gains nothing by being asked again and again, and belongs to others.
  const waits = await waitsForOthers(service, given.slice(0, 1)).catch(() => true);
  const count = waits ? Math.min(rows, 3) : rows;
  for (let done = 0; done < count && performance.now() < end; done++) {
    if (!(await answer([given[done % given.length]]))) return;
    // Others are being answered meanwhile.
    if (done % 16 === 15) await new Promise((resolve) => setImmediate(resolve));
  }
  if (performance.now() < end) await answer(Array.from({ length: 64 }, (_, index) => given[index % given.length]));
  if (batching === null) return;
  const measured = await measureBatching(service, given);
  if (measured?.wins) version.batch(batching);
}
