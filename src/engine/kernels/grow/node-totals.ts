// What a node's rows sum to: once for the node, and by column for the cells that are not 0.
import { type ClassImpurity, entropy, gini } from "./class-impurity.ts";
import { columnKind, type GrowthRules, type GrowthTable } from "./growth-table.ts";
import type { TreeRows } from "./tree-rows.ts";

/** Of the node that was tallied last. */
export class NodeTotals {
  /** Numbers kept a sum: one of a regression, one a class of a classification. */
  readonly width: number;
  readonly impurityOfClasses: ClassImpurity;
  count = 0;
  weight = 0;
  impurity = 0;
  readonly sums: Float64Array;

  /** Flag and scattered columns that are not 0 throughout, as they were met. */
  readonly touched: Int32Array;
  touchedCount = 0;
  /** By column: rows that are not 0 there, their weight, and their sums from column * width. */
  readonly cellCount: Int32Array;
  readonly cellWeight: Float64Array;
  readonly cellSums: Float64Array;
  /** Ranks of the scattered cells, ascending once `sortRanks` was called. */
  readonly ranks: Int32Array;
  rankCount = 0;

  readonly #table: GrowthTable;
  readonly #rows: TreeRows;

  constructor(table: GrowthTable, rows: TreeRows, rules: GrowthRules) {
    this.#table = table;
    this.#rows = rows;
    this.width = Math.max(1, table.classCount);
    this.impurityOfClasses = (rules.criterion === "entropy" ? entropy : gini)(table.classCount);
    this.sums = new Float64Array(this.width);
    const hasCells = table.columns.length > 0;
    const columns = hasCells ? table.columnCount : 0;
    this.touched = new Int32Array(columns);
    this.cellCount = new Int32Array(columns);
    this.cellWeight = new Float64Array(columns);
    this.cellSums = new Float64Array(columns * this.width);
    this.ranks = new Int32Array(table.rankRow.length);
  }

  /** The node's own sums; columns are left alone. */
  sum(samples: Int32Array, start: number, end: number): void {
    this.count = end - start;
    if (this.#table.classCount === 0) this.#sumNumbers(samples, start, end);
    else this.#sumClasses(samples, start, end);
  }

  #sumNumbers(samples: Int32Array, start: number, end: number): void {
    const { weight, weighted, target } = this.#rows;
    let total = 0;
    let sum = 0;
    let squares = 0;
    for (let at = start; at < end; at++) {
      const sample = samples[at];
      total += weight[sample];
      sum += weighted[sample];
      squares += weighted[sample] * target[sample];
    }
    this.weight = total;
    this.sums[0] = sum;
    const mean = sum / total;
    this.impurity = squares / total - mean * mean;
  }

  #sumClasses(samples: Int32Array, start: number, end: number): void {
    const { weight, label } = this.#rows;
    const { sums } = this;
    sums.fill(0);
    let total = 0;
    for (let at = start; at < end; at++) {
      const sample = samples[at];
      total += weight[sample];
      sums[label[sample]] += weight[sample];
    }
    this.weight = total;
    this.impurity = this.impurityOfClasses.of(sums, 0, total);
  }

  /** The sums by column. */
  tally(samples: Int32Array, start: number, end: number): void {
    this.#forget();
    if (this.#table.columns.length === 0) return;
    if (this.#table.classCount === 0) this.#tallyNumbers(samples, start, end);
    else this.#tallyClasses(samples, start, end);
  }

  #forget(): void {
    const { touched, cellCount, cellWeight, cellSums, width } = this;
    for (let at = 0; at < this.touchedCount; at++) {
      const column = touched[at];
      cellCount[column] = 0;
      cellWeight[column] = 0;
      for (let each = column * width; each < (column + 1) * width; each++) cellSums[each] = 0;
    }
    this.touchedCount = 0;
    this.rankCount = 0;
  }

  #tallyNumbers(samples: Int32Array, start: number, end: number): void {
    const { starts, columns, ranks: rankOf, kind } = this.#table;
    const { rowOf, weight, weighted } = this.#rows;
    const { touched, cellCount, cellWeight, cellSums, ranks } = this;
    let touchedCount = 0;
    let rankCount = 0;
    for (let at = start; at < end; at++) {
      const sample = samples[at];
      const row = rowOf[sample];
      const own = weight[sample];
      const sum = weighted[sample];
      const last = starts[row + 1];
      for (let cell = starts[row]; cell < last; cell++) {
        const column = columns[cell];
        if (cellCount[column]++ === 0) touched[touchedCount++] = column;
        cellWeight[column] += own;
        cellSums[column] += sum;
        if (kind[column] === columnKind.scattered) ranks[rankCount++] = rankOf[cell];
      }
    }
    this.touchedCount = touchedCount;
    this.rankCount = rankCount;
  }

  #tallyClasses(samples: Int32Array, start: number, end: number): void {
    const { starts, columns, ranks: rankOf, kind } = this.#table;
    const { rowOf, weight, label } = this.#rows;
    const { touched, cellCount, cellWeight, cellSums, ranks, width } = this;
    let touchedCount = 0;
    let rankCount = 0;
    for (let at = start; at < end; at++) {
      const sample = samples[at];
      const row = rowOf[sample];
      const own = weight[sample];
      const last = starts[row + 1];
      for (let cell = starts[row]; cell < last; cell++) {
        const column = columns[cell];
        if (cellCount[column]++ === 0) touched[touchedCount++] = column;
        cellWeight[column] += own;
        cellSums[column * width + label[sample]] += own;
        if (kind[column] === columnKind.scattered) ranks[rankCount++] = rankOf[cell];
      }
    }
    this.touchedCount = touchedCount;
    this.rankCount = rankCount;
  }

  /** Scattered cells then lie column by column, each by value. */
  sortRanks(): void {
    if (this.rankCount > 1) this.ranks.subarray(0, this.rankCount).sort();
  }
}
