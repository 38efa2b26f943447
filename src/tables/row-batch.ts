// What every reader of rows gives: some rows at a time, in order, and in the place of a broken one its error.
import type { TrimaranError } from "../base/errors.ts";

export interface RowBatch {
  /** As they came: JSON values. `undefined` where the row is broken. */
  readonly rows: readonly unknown[];
  /** Position in `rows` → why that row cannot be read. */
  readonly broken: ReadonlyMap<number, TrimaranError>;
}

/** Bytes as streams give them. */
export type ByteChunks = AsyncIterable<Uint8Array>;

/** Enough rows for the engine to work in columns, few enough to be answered while the next ones are read. */
export const defaultBatchRows = 2000;

/** Collects rows until a batch is full. */
export class BatchBuilder {
  #rows: unknown[] = [];
  #broken: Map<number, TrimaranError> = new Map();

  get length(): number {
    return this.#rows.length;
  }

  add(row: unknown): void {
    this.#rows.push(row);
  }

  addBroken(error: TrimaranError): void {
    this.#broken.set(this.#rows.length, error);
    this.#rows.push(undefined);
  }

  take(): RowBatch {
    const batch = { rows: this.#rows, broken: this.#broken };
    this.#rows = [];
    this.#broken = new Map();
    return batch;
  }
}
