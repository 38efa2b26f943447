// The log that doors give their answers to. Giving costs an entry in a queue; lines are made later, a few at a time, when callers
// have their answers.
import { AppendLog } from "./append-log.ts";
import { eventText, sourceText } from "./event-text.ts";
import type { EventRow, EventSource } from "./feedback-event.ts";
import { isSampled } from "./id-share.ts";
import { LogCounts } from "./log-counts.ts";
import { type LogPlace, type LogPlaceOptions, resolveLogPlace } from "./log-place.ts";

export interface SourceSettings {
  /** Names of fields and features that are never written, wherever they stand. @default none */
  readonly redact?: readonly string[];
  /** The share of predictions that is written. @default 1 */
  readonly sample?: number;
}

/** Made once for a version in a role, and given with each of its calls. */
export interface LogSource {
  readonly text: string;
  readonly redacted: ReadonlySet<string>;
  readonly share: number;
  readonly log: AppendLog;
}

/** The rows of a request, a batch or a poll. */
export interface LoggedCall {
  readonly rows: number;
  idOf(row: number): string;
  /** Null: the row has no answer. */
  rowOf(row: number): EventRow | null;
}

interface Waiting {
  readonly source: LogSource;
  readonly call: LoggedCall;
  /** Rows that are done. */
  done: number;
}

/** Rows that may wait; a call is taken whole, and the first one always. */
const maxWaitingRows = 20_000;
/** How long lines are made in one go, while requests wait. */
const turnMs = 1;

export class PredictionLog {
  readonly counts: LogCounts = new LogCounts();
  readonly #place: LogPlace;
  readonly #logs = new Map<string, AppendLog>();
  #queue: Waiting[] = [];
  #waitingRows = 0;
  #lineSize = 512;
  #running: Promise<void> | null = null;

  constructor(options: LogPlaceOptions) {
    this.#place = resolveLogPlace(options);
  }

  source(source: EventSource, { redact = [], sample = 1 }: SourceSettings = {}): LogSource {
    return {
      text: sourceText(source),
      redacted: new Set(redact),
      share: sample,
      log: this.#logOf(source.deployment),
    };
  }

  /** Never waits and never throws. What the call gives must not change any more. */
  add(source: LogSource, call: LoggedCall): void {
    const { rows } = call;
    if (rows === 0 || (rows === 1 && !isSampled(call.idOf(0), source.share))) return;
    const { dropped } = this.counts;
    if (source.log.isFailing) {
      dropped.write_failed += rows;
      return;
    }
    const waiting = this.#waitingRows + rows;
    if (this.#waitingRows > 0 && (waiting > maxWaitingRows || waiting * this.#lineSize > this.#place.bufferBytes * 2)) {
      dropped.buffer_full += rows;
      return;
    }
    this.#queue.push({ source, call, done: 0 });
    this.#waitingRows = waiting;
    this.#running ??= this.#run();
  }

  /** Everything that was given is written, or dropped. @returns whether all of it could be written */
  async flush(): Promise<boolean> {
    while (this.#running !== null) await this.#running;
    const written = await Promise.all([...this.#logs.values()].map((log) => log.flush()));
    return written.every((each) => each);
  }

  async close(): Promise<void> {
    while (this.#running !== null) await this.#running;
    await Promise.all([...this.#logs.values()].map((log) => log.close()));
  }

  #logOf(deployment: string): AppendLog {
    const known = this.#logs.get(deployment);
    if (known !== undefined) return known;
    const log = new AppendLog(deployment, this.#place, this.counts);
    this.#logs.set(deployment, log);
    return log;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      await nextTurn();
      const queue = this.#queue;
      this.#queue = [];
      const end = performance.now() + turnMs;
      let at = 0;
      for (; at < queue.length; at++) if (!this.#write(queue[at]!, end)) break;
      if (at < queue.length) this.#queue = [...queue.slice(at), ...this.#queue];
      // Writing is slower than answering: what waits, waits here, where it is bounded.
      const [first] = this.#queue;
      if (first !== undefined && !first.source.log.hasRoom) await first.source.log.flush();
    }
    this.#running = null;
  }

  /** @returns whether all rows are done */
  #write(waiting: Waiting, end: number): boolean {
    const { source, call } = waiting;
    while (waiting.done < call.rows) {
      if (!source.log.hasRoom && !source.log.isFailing) return false;
      const row = waiting.done++;
      this.#waitingRows--;
      this.#writeRow(source, call, row);
      if (performance.now() > end) return waiting.done === call.rows;
    }
    return true;
  }

  #writeRow({ log, text, redacted, share }: LogSource, call: LoggedCall, row: number): void {
    let line: string;
    try {
      if (call.rows > 1 && !isSampled(call.idOf(row), share)) return;
      const event = call.rowOf(row);
      if (event === null) return;
      line = eventText(event, text, redacted);
    } catch {
      this.counts.dropped.not_json++;
      return;
    }
    this.#lineSize += (line.length - this.#lineSize) / 16;
    log.append(line);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
