// What a shadow still has to answer: copies of calls, one after another, beside the traffic. What does not fit is dropped.
import type { AnswerOptions } from "../prediction-service.ts";
import type { LoadedVersion } from "./loaded-version.ts";

interface Copy {
  readonly rows: readonly unknown[];
  readonly options: AnswerOptions;
}

/** Rows that may wait. A call is taken whole, or not at all. */
const defaultMaxRows = 10_000;

export class ShadowQueue {
  readonly version: LoadedVersion;
  readonly #maxRows: number;
  readonly #copies: Copy[] = [];
  #waitingRows = 0;
  #running = false;
  #closed = false;

  constructor(version: LoadedVersion, maxRows: number = defaultMaxRows) {
    this.version = version;
    this.#maxRows = maxRows;
  }

  /** Never throws, never waits. */
  push(rows: readonly unknown[], { signal: _, ...options }: AnswerOptions): void {
    if (this.#closed) return;
    if (this.#waitingRows + rows.length > this.#maxRows) {
      this.version.counter.dropped++;
      return;
    }
    // Rows belong to the caller, who may change them once it has its answer.
    let copy: Copy;
    try {
      copy = { rows: structuredClone(rows), options };
    } catch {
      this.version.counter.dropped++;
      return;
    }
    this.#copies.push(copy);
    this.#waitingRows += rows.length;
    if (!this.#running) {
      this.#running = true;
      setImmediate(() => void this.#run());
    }
  }

  close(): void {
    this.#closed = true;
    this.#copies.length = 0;
    this.#waitingRows = 0;
  }

  async #run(): Promise<void> {
    for (let copy = this.#copies.shift(); copy !== undefined; copy = this.#copies.shift()) {
      this.#waitingRows -= copy.rows.length;
      // Its failures are counted by the version, and are nobody's else.
      await this.version.answer(copy.rows, copy.options).catch(() => {});
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#running = false;
  }
}
