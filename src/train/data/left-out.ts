// Rows that a model is not trained on, counted by what is wrong with them: a field and a code, never a value.
import type { Issue } from "../../base/errors.ts";

export interface LeftOutReason {
  /** JSON Pointer of the field; empty: the row itself. */
  readonly path: string;
  readonly code: string;
  readonly count: number;
  /** Of the first such row. */
  readonly message: string;
}

export class LeftOut {
  readonly #reasons: Map<string, LeftOutReason> = new Map();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add({ path, code, message }: Issue, count = 1): void {
    const key = `${path}\u0000${code}`;
    const known = this.#reasons.get(key);
    this.#reasons.set(key, { path, code, message: known?.message ?? message, count: (known?.count ?? 0) + count });
    this.#total += count;
  }

  /** The most frequent first. */
  reasons(): readonly LeftOutReason[] {
    return [...this.#reasons.values()].sort((left, right) => right.count - left.count);
  }

  issues(): readonly Issue[] {
    return this.reasons().map(({ path, code, count, message }) => ({
      path,
      code,
      message: `${count} row(s): ${message}`,
    }));
  }
}
