// The best split of a node over the columns that it looks at.
import { CellScan } from "./cell-scan.ts";
import { ColumnDraw } from "./column-draw.ts";
import { columnKind, type GrowthRules, type GrowthTable } from "./growth-table.ts";
import type { NodeRows } from "./node-rows.ts";
import type { NodeTotals } from "./node-totals.ts";
import { SplitRandom } from "./numpy-random.ts";
import { aboveGap, type OrderedRows, OrderScan, thresholdBetween } from "./scan-order.ts";
import type { TreeRows } from "./tree-rows.ts";

/** More columns than these are not drawn one by one when all of them are looked at anyway. */
const mostDrawn = 128;

export interface TreeState {
  readonly rows: TreeRows;
  readonly nodeRows: NodeRows;
  readonly totals: NodeTotals;
}

export class SplitSearch {
  /** -1: the node has no split. */
  column = -1;
  threshold = 0;
  #score = Number.NEGATIVE_INFINITY;
  #tie = 0;
  #node = 0;
  #start = 0;
  #end = 0;

  readonly #table: GrowthTable;
  readonly #rules: GrowthRules;
  readonly #state: TreeState;
  readonly #orders: OrderScan;
  readonly #cells: CellScan;
  readonly #draw: ColumnDraw | null;
  /** By column: where its cells begin in the sorted ranks of the node. */
  readonly #groupStart: Int32Array;

  constructor(table: GrowthTable, rules: GrowthRules, state: TreeState) {
    this.#table = table;
    this.#rules = rules;
    this.#state = state;
    const { rows, totals } = state;
    const minLeaf = rules.minSamplesLeaf;
    this.#orders = new OrderScan(rows, totals, minLeaf);
    this.#cells = new CellScan(table, { rows, totals, minLeaf });
    const { columnCount } = table;
    const draws = rules.maxFeatures < columnCount || columnCount <= mostDrawn;
    this.#draw = draws ? new ColumnDraw(columnCount, rules.maxFeatures, new SplitRandom(rows.splitSeed)) : null;
    this.#groupStart = new Int32Array(table.rankRow.length === 0 ? 0 : columnCount);
  }

  /** Of the node whose sums `totals` holds. `known`: columns that are constant in its parent; answers how many are here. */
  search(start: number, end: number, known: number): number {
    const { totals, nodeRows } = this.#state;
    this.column = -1;
    this.#score = Number.NEGATIVE_INFINITY;
    this.#start = start;
    this.#end = end;
    this.#node++;
    totals.tally(nodeRows.samples, start, end);
    if (totals.rankCount > 0) this.#groupRanks();
    if (this.#draw !== null) return this.#draw.visit(known, this.#look);
    for (const column of this.#table.slotColumn) this.#lookOrdered(column);
    for (let at = 0; at < totals.touchedCount; at++) this.#lookCells(totals.touched[at]);
    return 0;
  }

  /** Whether the split that was found takes away next to nothing. Asked while `totals` still holds the node. */
  isFlat(): boolean {
    const { weight, impurity, sums } = this.#state.totals;
    const whole = this.#table.classCount === 0 ? (sums[0] * sums[0]) / weight : -weight * impurity;
    return this.#score - whole <= 1e-9 * Math.abs(whole);
  }

  readonly #look = (column: number): boolean =>
    this.#table.kind[column] === columnKind.ordered ? this.#lookOrdered(column) : this.#lookCells(column);

  #lookOrdered(column: number): boolean {
    const rows = this.#state.nodeRows.ordered(this.#table.slot[column], this.#start, this.#end);
    const { order, start, end, values, base } = rows;
    if (values[base + order[end - 1]] <= aboveGap(values[base + order[start]])) return false;
    this.#scan(rows);
    const { score, cut } = this.#orders;
    if (score === Number.NEGATIVE_INFINITY || !this.#isBetter(column, score)) return true;
    this.threshold = thresholdBetween(values[base + order[cut - 1]], values[base + order[cut]]);
    return true;
  }

  #scan(rows: OrderedRows): void {
    const { criterion } = this.#rules;
    if (this.#table.classCount === 0) this.#orders.numbers(rows);
    else if (criterion === "gini") this.#orders.gini(rows);
    else this.#orders.classes(rows, this.#state.totals.impurityOfClasses);
  }

  #lookCells(column: number): boolean {
    const { totals } = this.#state;
    const count = totals.cellCount.length === 0 ? 0 : totals.cellCount[column];
    if (count === 0) return false;
    if (this.#table.kind[column] === columnKind.flag) {
      if (count === totals.count) return false;
      this.#cells.flag(column);
    } else {
      const from = this.#groupStart[column];
      if (!this.#varies(from, count)) return false;
      this.#cells.scattered(column, from, from + count);
    }
    const { score, threshold } = this.#cells;
    if (score !== Number.NEGATIVE_INFINITY && this.#isBetter(column, score)) this.threshold = threshold;
    return true;
  }

  #varies(from: number, count: number): boolean {
    const { totals } = this.#state;
    const { rankValue } = this.#table;
    let least = rankValue[totals.ranks[from]];
    let most = rankValue[totals.ranks[from + count - 1]];
    if (count < totals.count) {
      least = Math.min(least, 0);
      most = Math.max(most, 0);
    }
    return most > aboveGap(least);
  }

  #groupRanks(): void {
    const { totals } = this.#state;
    const { rankColumn } = this.#table;
    totals.sortRanks();
    let before = -1;
    for (let at = 0; at < totals.rankCount; at++) {
      const column = rankColumn[totals.ranks[at]];
      if (column !== before) this.#groupStart[column] = at;
      before = column;
    }
  }

  /** Of equal scores the first drawn one stays; where nothing is drawn, the order of a hash decides. */
  #isBetter(column: number, score: number): boolean {
    if (score < this.#score) return false;
    const tie = this.#draw === null ? this.#hash(column) : 0;
    if (score === this.#score && tie <= this.#tie) return false;
    this.#score = score;
    this.#tie = tie;
    this.column = column;
    return true;
  }

  #hash(column: number): number {
    let hash = Math.imul(column + 1, 0x9e3779b1) ^ Math.imul(this.#node, 0x85ebca6b) ^ this.#state.rows.splitSeed;
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    return (Math.imul(hash ^ (hash >>> 12), 0x297a2d39) >>> 0) + 1;
  }
}
