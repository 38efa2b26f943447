// How long to wait before something that failed is tried again: longer each time, and anew after it held for a while.

export interface BackoffOptions {
  /** The wait after the second failure in a row; after the first there is none. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** Whatever held for so long did not fail for the reason of before. */
  readonly forgetMs: number;
}

export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure of what held for `heldMs`, and gives the wait in milliseconds. */
  fail(heldMs: number): number {
    const { firstMs, maxMs, forgetMs } = this.#options;
    this.#failures = heldMs >= forgetMs ? 1 : this.#failures + 1;
    return this.#failures === 1 ? 0 : Math.min(maxMs, firstMs * 2 ** Math.min(this.#failures - 2, 30));
  }
}
