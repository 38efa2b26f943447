// The best cut of a column that is mostly 0: of a flag there is one, of a scattered column one between neighbouring values, with
// all rows that are 0 as one block among them.
import type { GrowthTable } from "./growth-table.ts";
import type { NodeTotals } from "./node-totals.ts";
import { aboveGap, thresholdBetween } from "./scan-order.ts";
import type { TreeRows } from "./tree-rows.ts";

export class CellScan {
  score: number = Number.NEGATIVE_INFINITY;
  threshold = 0;

  readonly #table: GrowthTable;
  readonly #rows: TreeRows;
  readonly #totals: NodeTotals;
  readonly #minLeaf: number;
  readonly #left: Float64Array;
  readonly #right: Float64Array;

  constructor(table: GrowthTable, { rows, totals, minLeaf }: { rows: TreeRows; totals: NodeTotals; minLeaf: number }) {
    this.#table = table;
    this.#rows = rows;
    this.#totals = totals;
    this.#minLeaf = minLeaf;
    this.#left = new Float64Array(totals.width);
    this.#right = new Float64Array(totals.width);
  }

  flag(column: number): void {
    const totals = this.#totals;
    const set = totals.cellCount[column];
    this.score = Number.NEGATIVE_INFINITY;
    if (set < this.#minLeaf || totals.count - set < this.#minLeaf) return;
    const level = this.#table.level[column];
    this.threshold = level > 0 ? thresholdBetween(0, level) : thresholdBetween(level, 0);
    const setWeight = totals.cellWeight[column];
    if (this.#table.classCount === 0) {
      const sum = totals.cellSums[column];
      const rest = totals.sums[0] - sum;
      this.score = (sum * sum) / setWeight + (rest * rest) / (totals.weight - setWeight);
      return;
    }
    const { width, impurityOfClasses: impurity } = totals;
    const rest = this.#left;
    for (let label = 0; label < width; label++)
      rest[label] = totals.sums[label] - totals.cellSums[column * width + label];
    const restWeight = totals.weight - setWeight;
    const ofRest = restWeight * impurity.of(rest, 0, restWeight);
    const ofSet = setWeight * impurity.of(totals.cellSums, column * width, setWeight);
    // What goes right is taken off first, as scikit-learn has it.
    this.score = level > 0 ? -ofSet - ofRest : -ofRest - ofSet;
  }

  /** The column's cells are those of `totals.ranks` from `from` up to `to`. */
  scattered(column: number, from: number, to: number): void {
    const totals = this.#totals;
    const { rankValue } = this.#table;
    this.score = Number.NEGATIVE_INFINITY;
    this.#begin();
    const zeros = totals.count - (to - from);
    let zerosLeft = zeros > 0;
    let taken = 0;
    let before = Number.NEGATIVE_INFINITY;
    for (let at = from; at < to || zerosLeft; ) {
      const isZero = zerosLeft && (at === to || rankValue[totals.ranks[at]] > 0);
      const value = isZero ? 0 : rankValue[totals.ranks[at]];
      if (taken > 0 && value > aboveGap(before)) this.#consider(taken, thresholdBetween(before, value));
      if (isZero) {
        this.#takeZeros(column);
        taken += zeros;
        zerosLeft = false;
      } else {
        this.#take(this.#rows.sampleOf[this.#table.rankRow[totals.ranks[at]]]);
        taken++;
        at++;
      }
      before = value;
    }
  }

  #leftWeight = 0;

  #begin(): void {
    this.#leftWeight = 0;
    this.#left.fill(0);
    this.#right.set(this.#totals.sums);
  }

  #take(sample: number): void {
    const own = this.#rows.weight[sample];
    const isNumber = this.#table.classCount === 0;
    const at = isNumber ? 0 : this.#rows.label[sample];
    const sum = isNumber ? this.#rows.weighted[sample] : own;
    this.#leftWeight += own;
    this.#left[at] += sum;
    this.#right[at] -= sum;
  }

  #takeZeros(column: number): void {
    const { width, sums, cellSums, weight, cellWeight } = this.#totals;
    this.#leftWeight += weight - cellWeight[column];
    for (let at = 0; at < width; at++) {
      const zeros = sums[at] - cellSums[column * width + at];
      this.#left[at] += zeros;
      this.#right[at] -= zeros;
    }
  }

  #consider(taken: number, threshold: number): void {
    const { count, weight, impurityOfClasses: impurity } = this.#totals;
    if (taken < this.#minLeaf || count - taken < this.#minLeaf) return;
    const left = this.#left;
    const right = this.#right;
    const leftWeight = this.#leftWeight;
    const rightWeight = weight - leftWeight;
    const score =
      this.#table.classCount === 0
        ? (left[0] * left[0]) / leftWeight + (right[0] * right[0]) / rightWeight
        : -rightWeight * impurity.of(right, 0, rightWeight) - leftWeight * impurity.of(left, 0, leftWeight);
    if (score <= this.score) return;
    this.score = score;
    this.threshold = threshold;
  }
}
