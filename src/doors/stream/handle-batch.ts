// Records of one partition → what is written for them: answers, and dead letters for those that cannot be answered. The same service
// as behind the web door; one call a batch. It knows no broker and no file.
import { type Issue, isTrimaranError, trimaranError } from "../../base/errors.ts";
import { describeThrown } from "../../data/describe-thrown.ts";
import type { Answers } from "../../serving/answers.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import type { Carried, MessageShape } from "./messages/shape.ts";
import type { StreamCounters } from "./observe/stream-counters.ts";
import { deadLetter } from "./poison/dead-letter.ts";
import { PoisonWatch } from "./poison/poison-watch.ts";
import type { BatchHandler, HandledBatch, OutgoingRecord, StreamBatch, StreamRecord } from "./port.ts";
import { patiently } from "./temporary.ts";

export interface HandlerOptions {
  readonly service: PredictionService;
  readonly shape: MessageShape;
  readonly counters: StreamCounters;
  /** Whether there is a place for records that cannot be answered. Without one the first of them ends the stream. */
  readonly hasDeadLetter: boolean;
  /** The share of the latest records that may be poison, 0 to 1; null: any. */
  readonly maxPoisonRate: number | null;
  /** Told when something temporary is waited for, and how long. */
  readonly onWait: (text: string) => void;
}

/** A record on its way. */
interface Taken {
  readonly record: StreamRecord;
  readonly carried: Carried | null;
  outgoing: OutgoingRecord | null;
  isPoison: boolean;
}

export function batchHandler(options: HandlerOptions): BatchHandler {
  const { service, shape, counters, hasDeadLetter, maxPoisonRate, onWait } = options;
  const watch = new PoisonWatch(maxPoisonRate);
  const refuse = (taken: Taken, issues: readonly Issue[]): void => {
    const [first] = issues;
    const { record } = taken;
    if (!hasDeadLetter) {
      const at = `${record.topic}/${record.partition}/${record.offset}`;
      const problem = `${first?.path ?? ""} ${first?.message ?? ""}`.trim();
      throw trimaranError("STREAM_NO_DEAD_LETTER", { at, problem }, { issues });
    }
    taken.isPoison = true;
    taken.outgoing = deadLetter(record, { issues, modelVersion: versionOf(service) });
  };

  /** What one call cannot answer because of one record is asked again in halves, down to the record. */
  const answer = async (rows: readonly Taken[], values: readonly unknown[], signal: AbortSignal): Promise<void> => {
    if (rows.length === 0) return;
    const digestVersion = versionOf(service);
    let answers: Answers;
    try {
      const first = rows[0]!.record;
      const ask = (): Promise<Answers> =>
        service.answer(values, {
          unknownFields: "ignore",
          idOf: (row) => `${first.topic}/${first.partition}/${rows[row]!.record.offset}`,
          signal,
        });
      answers = await patiently(ask, { signal, onWait });
    } catch (error) {
      if (signal.aborted) throw error;
      if (rows.length === 1) {
        refuse(rows[0]!, [issueOf(error)]);
        return;
      }
      const middle = rows.length >> 1;
      await answer(rows.slice(0, middle), values.slice(0, middle), signal);
      await answer(rows.slice(middle), values.slice(middle), signal);
      return;
    }
    counters.countWarnings(answers.warnings);
    const refused = issuesByRow(answers, shape.rowPath);
    const sound = refused === null ? rows : rows.filter((_, row) => !refused.has(row));
    const prepared = shape.prepareAnswers?.(
      sound.map(({ carried }) => carried!),
      signal,
    );
    if (prepared !== undefined) await patiently(() => prepared, { signal, onWait });
    const version = answers.modelVersion ?? digestVersion;
    for (let row = 0; row < rows.length; row++) {
      const taken = rows[row]!;
      const issues = refused?.get(row);
      if (issues !== undefined) refuse(taken, issues);
      else taken.outgoing = { to: "output", ...shape.encode(answers.value(row), taken.carried!, version) };
    }
  };

  return async ({ topic, partition, records }: StreamBatch, signal): Promise<HandledBatch> => {
    const since = performance.now();
    const { prepare } = shape;
    if (prepare !== undefined) {
      await patiently(() => prepare.call(shape, records, signal) ?? Promise.resolve(), { signal, onWait });
    }
    const all: Taken[] = [];
    const rows: Taken[] = [];
    const values: unknown[] = [];
    for (const record of records) {
      const decoded = shape.decode(record);
      if (decoded.kind === "refused") {
        const taken: Taken = { record, carried: null, outgoing: null, isPoison: false };
        refuse(taken, decoded.issues);
        all.push(taken);
        continue;
      }
      const taken: Taken = { record, carried: decoded.carried, outgoing: null, isPoison: false };
      all.push(taken);
      rows.push(taken);
      values.push(decoded.row);
    }
    await answer(rows, values, signal);
    const outgoing: OutgoingRecord[] = [];
    let poison = 0;
    let oldest = Number.POSITIVE_INFINITY;
    for (const taken of all) {
      if (taken.isPoison) poison++;
      if (taken.outgoing !== null) outgoing.push(taken.outgoing);
      if (taken.record.timestamp < oldest) oldest = taken.record.timestamp;
    }
    watch.add(records.length, poison);
    const handledMs = performance.now() - since;
    return {
      outgoing,
      committed: () => counters.countBatch({ topic, partition, records: records.length, poison, handledMs, oldest }),
    };
  };
}

/** `sha256:<12 hex>` where the model names no version. */
function versionOf({ model }: PredictionService): string {
  return model.version ?? model.digest.slice(0, "sha256:".length + 12);
}

function issuesByRow({ issues }: Answers, base: string): ReadonlyMap<number, readonly Issue[]> | null {
  if (issues.length === 0) return null;
  const rows = new Map<number, Issue[]>();
  for (const { row, path, code, message } of issues) {
    const list = rows.get(row) ?? [];
    list.push({ path: base + path, code, message });
    rows.set(row, list);
  }
  return rows;
}

function issueOf(error: unknown): Issue {
  if (!isTrimaranError(error)) return { path: "", code: "internal", message: describeThrown(error) };
  return { path: error.issues[0]?.path ?? "", code: error.code.toLowerCase(), message: error.message };
}
