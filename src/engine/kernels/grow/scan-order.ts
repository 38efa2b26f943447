// The best place to cut rows that lie in the order of a column's values. Cuts lie between values that differ by more than 1e-7, as
// float32 adds it. Source: sklearn/tree/_splitter.pyx and _criterion.pyx.
import type { ClassImpurity } from "./class-impurity.ts";
import type { NodeTotals } from "./node-totals.ts";
import type { TreeRows } from "./tree-rows.ts";

const gap = Math.fround(1e-7);

export function aboveGap(value: number): number {
  return Math.fround(value + gap);
}

/** Between two neighbours; their mean, unless rounding takes it up to the higher one. */
export function thresholdBetween(low: number, high: number): number {
  const middle = low / 2 + high / 2;
  return middle === high || middle === Infinity || middle === -Infinity ? low : middle;
}

export interface OrderedRows {
  /** Samples by value, from `start` up to `end`. */
  readonly order: Int32Array;
  readonly start: number;
  readonly end: number;
  /** The column's values: values[base + sample]. */
  readonly values: Float32Array;
  readonly base: number;
}

export class OrderScan {
  /** The score of the best cut; -Infinity where there is none. */
  score: number = Number.NEGATIVE_INFINITY;
  /** The position in `order` of the first row to the right. */
  cut = 0;

  readonly #rows: TreeRows;
  readonly #totals: NodeTotals;
  readonly #minLeaf: number;
  readonly #left: Float64Array;
  readonly #right: Float64Array;

  constructor(rows: TreeRows, totals: NodeTotals, minLeaf: number) {
    this.#rows = rows;
    this.#totals = totals;
    this.#minLeaf = minLeaf;
    this.#left = new Float64Array(totals.width);
    this.#right = new Float64Array(totals.width);
  }

  numbers({ order, start, end, values, base }: OrderedRows): void {
    const { weight, weighted } = this.#rows;
    const total = this.#totals.weight;
    const sum = this.#totals.sums[0];
    const first = start + this.#minLeaf;
    const last = end - this.#minLeaf;
    let leftWeight = 0;
    let leftSum = 0;
    let best = Number.NEGATIVE_INFINITY;
    let cut = 0;
    let at = start;
    for (; at < first; at++) {
      const sample = order[at];
      leftWeight += weight[sample];
      leftSum += weighted[sample];
    }
    let limit = aboveGap(values[base + order[at - 1]]);
    for (; at <= last; at++) {
      const sample = order[at];
      const value = values[base + sample];
      if (value > limit) {
        const rightSum = sum - leftSum;
        const score = (leftSum * leftSum) / leftWeight + (rightSum * rightSum) / (total - leftWeight);
        if (score > best) {
          best = score;
          cut = at;
        }
      }
      limit = Math.fround(value + gap);
      leftWeight += weight[sample];
      leftSum += weighted[sample];
    }
    this.score = best;
    this.cut = cut;
  }

  gini({ order, start, end, values, base }: OrderedRows): void {
    const { weight, label } = this.#rows;
    const left = this.#left;
    const right = this.#right;
    const total = this.#totals.weight;
    left.fill(0);
    right.set(this.#totals.sums);
    const first = start + this.#minLeaf;
    const last = end - this.#minLeaf;
    let leftWeight = 0;
    let leftSquares = 0;
    let rightSquares = 0;
    for (const count of right) rightSquares += count * count;
    let best = Number.NEGATIVE_INFINITY;
    let cut = 0;
    let limit = Number.POSITIVE_INFINITY;
    for (let at = start; at <= last && at < end; at++) {
      const sample = order[at];
      const value = values[base + sample];
      if (value > limit && at >= first) {
        const rightWeight = total - leftWeight;
        const leftImpurity = 1 - leftSquares / (leftWeight * leftWeight);
        const score = -rightWeight * (1 - rightSquares / (rightWeight * rightWeight)) - leftWeight * leftImpurity;
        if (score > best) {
          best = score;
          cut = at;
        }
      }
      limit = Math.fround(value + gap);
      const own = weight[sample];
      const each = label[sample];
      leftSquares += own * (2 * left[each] + own);
      rightSquares += own * (own - 2 * right[each]);
      left[each] += own;
      right[each] -= own;
      leftWeight += own;
    }
    this.score = best;
    this.cut = cut;
  }

  classes({ order, start, end, values, base }: OrderedRows, impurity: ClassImpurity): void {
    const { weight, label } = this.#rows;
    const left = this.#left;
    const right = this.#right;
    const total = this.#totals.weight;
    left.fill(0);
    right.set(this.#totals.sums);
    const first = start + this.#minLeaf;
    const last = end - this.#minLeaf;
    let leftWeight = 0;
    let best = Number.NEGATIVE_INFINITY;
    let cut = 0;
    let limit = Number.POSITIVE_INFINITY;
    for (let at = start; at <= last && at < end; at++) {
      const sample = order[at];
      const value = values[base + sample];
      if (value > limit && at >= first) {
        const rightWeight = total - leftWeight;
        const score = -rightWeight * impurity.of(right, 0, rightWeight) - leftWeight * impurity.of(left, 0, leftWeight);
        if (score > best) {
          best = score;
          cut = at;
        }
      }
      limit = Math.fround(value + gap);
      left[label[sample]] += weight[sample];
      right[label[sample]] -= weight[sample];
      leftWeight += weight[sample];
    }
    this.score = best;
    this.cut = cut;
  }
}
