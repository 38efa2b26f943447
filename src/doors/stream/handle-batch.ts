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
  /** Asked once a batch: another definition may come with another one. */
  readonly shape: () => MessageShape;
  readonly counters: StreamCounters;
  /** Whether there is a place for records that cannot be answered. Without one the first of them ends the stream. */
  readonly hasDeadLetter: boolean;
  /** The share of the latest records that may be poison, 0 to 1; null: any. */
  readonly maxPoisonRate: number | null;
  /** Aborts when the stream is told to stop: then nothing temporary is waited for. @default never */
  readonly stop?: AbortSignal;
  /** Told when something temporary is waited for, and how long. */
  readonly onWait: (text: string) => void;
}

export function batchHandler(options: HandlerOptions): BatchHandler {
  const watch = new PoisonWatch(options.maxPoisonRate);
  return async (batch, signal): Promise<HandledBatch> => {
    const since = performance.now();
    const { records, topic, partition } = batch;
    const work = new BatchWork(options, batch, signal);
    const outgoing = await work.run();
    const { poison, oldest, ended } = work;
    const done = ended?.records ?? records.length;
    watch.add(done, poison);
    const handledMs = performance.now() - since;
    return {
      outgoing,
      ...(ended === null ? {} : { ended }),
      committed: () => options.counters.countBatch({ topic, partition, records: done, poison, handledMs, oldest }),
    };
  };
}

/** Rows of a batch that are asked together, in order. */
interface Asked {
  readonly rows: readonly unknown[];
  readonly carried: readonly Carried[];
  /** Where they stand in the batch. */
  readonly at: readonly number[];
}

interface Answered {
  readonly answers: Answers;
  readonly version: string;
}

/** So many records that fail one after the other, and none that is answered. */
const wholeBatch = 32;

class BatchWork {
  poison = 0;
  #failures = 0;
  #hasAnswered = false;
  readonly #shape: MessageShape;
  /** The earliest time of the events, in milliseconds since 1970. */
  oldest: number = Number.POSITIVE_INFINITY;
  /** At the first record that cannot be answered where there is no place for it: those before it still are. */
  ended: { readonly records: number; readonly error: Error } | null = null;
  readonly #options: HandlerOptions;
  readonly #batch: StreamBatch;
  readonly #signal: AbortSignal;
  readonly #outgoing: OutgoingRecord[];

  constructor(options: HandlerOptions, batch: StreamBatch, signal: AbortSignal) {
    this.#options = options;
    this.#shape = options.shape();
    this.#batch = batch;
    this.#signal = signal;
    this.#outgoing = new Array<OutgoingRecord>(batch.records.length);
  }

  /** One for each record, in their order. */
  async run(): Promise<readonly OutgoingRecord[]> {
    const shape = this.#shape;
    const { records } = this.#batch;
    if (shape.prepare !== undefined) await this.#patiently(() => shape.prepare?.(records, this.#signal));
    const rows: unknown[] = [];
    const carried: Carried[] = [];
    const at: number[] = [];
    for (let index = 0; index < records.length; index++) {
      const record = records[index]!;
      const decoded = shape.decode(record);
      if (decoded.kind === "refused") {
        if (record.timestamp < this.oldest) this.oldest = record.timestamp;
        this.#refuse(index, decoded.issues);
        if (this.ended !== null) break;
        continue;
      }
      if (decoded.carried.time < this.oldest) this.oldest = decoded.carried.time;
      rows.push(decoded.row);
      carried.push(decoded.carried);
      at.push(index);
    }
    await this.#answer({ rows, carried, at });
    return this.ended === null ? this.#outgoing : this.#outgoing.slice(0, this.ended.records);
  }

  /** What one call cannot answer because of one record is asked again in halves, down to the record. */
  async #answer(asked: Asked): Promise<void> {
    if (asked.rows.length === 0 || asked.at[0]! >= (this.ended?.records ?? Number.POSITIVE_INFINITY)) return;
    let answered: Answered;
    try {
      answered = await this.#ask(asked);
    } catch (error) {
      if (this.#isStopped(error) || this.#failures === wholeBatch) throw error;
      if (asked.rows.length > 1) {
        const middle = asked.rows.length >> 1;
        await this.#answer(part(asked, 0, middle));
        await this.#answer(part(asked, middle, asked.rows.length));
        return;
      }
      this.#failures++;
      // What fails for each and every record is no record's fault.
      if (this.#failures === wholeBatch && !this.#hasAnswered) throw error;
      this.#refuse(asked.at[0]!, [issueOf(error)]);
      return;
    }
    this.#hasAnswered = true;
    await this.#encode(asked, answered);
  }

  async #ask({ rows, carried, at }: Asked): Promise<Answered> {
    const { service } = this.#options;
    const { topic, partition, records } = this.#batch;
    const { time } = carried[0]!;
    const call = {
      unknownFields: "ignore" as const,
      idOf: (row: number) => `${topic}/${partition}/${records[at[row]!]!.offset}`,
      ...(time > 0 && time < maxTime ? { time: new Date(time) } : {}),
      signal: this.#signal,
    };
    // With each try: another model may answer by then.
    let asking = "";
    const answers = await this.#patiently(() => {
      asking = versionOf(service);
      return service.answer(rows, call);
    });
    return { answers, version: answers.modelVersion ?? asking };
  }

  async #encode({ carried, at }: Asked, { answers, version }: Answered): Promise<void> {
    const shape = this.#shape;
    this.#options.counters.countWarnings(answers.warnings);
    const refused = issuesByRow(answers, shape.rowPath);
    if (shape.prepareAnswers !== undefined) {
      const sound = refused === null ? carried : carried.filter((_, row) => !refused.has(row));
      await this.#patiently(() => shape.prepareAnswers?.(sound, this.#signal));
    }
    for (let row = 0; row < carried.length; row++) {
      const issues = refused?.get(row);
      if (issues !== undefined) this.#refuse(at[row]!, issues, version);
      else {
        const { key, value, headers, timestamp } = shape.encode(answers.value(row), carried[row]!, version);
        this.#outgoing[at[row]!] = { to: "output", key, value, headers, timestamp };
      }
    }
  }

  #refuse(index: number, issues: readonly Issue[], version: string = versionOf(this.#options.service)): void {
    const record = this.#batch.records[index]!;
    if (!this.#options.hasDeadLetter) {
      if (this.ended === null || index < this.ended.records) {
        this.ended = { records: index, error: noDeadLetter(record, issues) };
      }
      return;
    }
    this.poison++;
    this.#outgoing[index] = deadLetter(record, { issues, modelVersion: version });
  }

  #patiently<Value>(ask: () => Promise<Value> | undefined): Promise<Value> {
    const { onWait, stop } = this.#options;
    return patiently(async () => (await ask())!, { signal: this.#signal, stop, onWait });
  }

  #isStopped(error: unknown): boolean {
    const { stop } = this.#options;
    return this.#signal.aborted || (stop?.aborted === true && error === stop.reason);
  }
}

/** What a Date holds. */
const maxTime = 8.64e15;

function part({ rows, carried, at }: Asked, from: number, to: number): Asked {
  return { rows: rows.slice(from, to), carried: carried.slice(from, to), at: at.slice(from, to) };
}

function noDeadLetter({ topic, partition, offset }: StreamRecord, issues: readonly Issue[]): Error {
  const [first] = issues;
  const problem = `${first?.path ?? ""} ${first?.message ?? ""}`.trim();
  return trimaranError("STREAM_NO_DEAD_LETTER", { at: `${topic}/${partition}/${offset}`, problem }, { issues });
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
