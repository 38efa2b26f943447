// A histogram that costs a few comparisons a value: fixed bounds, counts in a typed array.

/** Seconds, from what a small model takes to what a caller waits at most. */
export const durationBounds: readonly number[] = [
  0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

/** Rows of a batch. */
export const sizeBounds: readonly number[] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 10_000, 100_000];

export class Histogram {
  readonly bounds: readonly number[];
  /** One more than bounds: the last counts what is above all of them. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  record(value: number): void {
    const { bounds } = this;
    let at = 0;
    while (at < bounds.length && value > bounds[at]!) at++;
    this.counts[at]!++;
    this.sum += value;
  }
}
