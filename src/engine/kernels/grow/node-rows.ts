// Which rows a node holds, as segments of arrays that every split divides: the samples themselves, and each ordered column's
// samples by value. Where few of many columns are looked at, their order is made when it is asked for.
import { columnKind, type GrowthTable } from "./growth-table.ts";
import type { OrderedRows } from "./scan-order.ts";
import type { TreeRows } from "./tree-rows.ts";

export class NodeRows {
  readonly samples: Int32Array;
  readonly #table: GrowthTable;
  readonly #rows: TreeRows;
  /** One a slot, or none: orders are made on demand. */
  readonly #orders: readonly Int32Array[] | null;
  /** By slot, row → its place in the table's order; only on demand. */
  readonly #places: (Int32Array | null)[];
  readonly #scratch: Int32Array;
  readonly #goesLeft: Uint8Array;
  readonly #inNode: Uint8Array;

  /** `keepsOrders`: every column's order is kept up to date, which pays when most of them are looked at. */
  constructor(table: GrowthTable, rows: TreeRows, keepsOrders: boolean) {
    this.#table = table;
    this.#rows = rows;
    this.samples = Int32Array.from({ length: rows.count }, (_, sample) => sample);
    this.#scratch = new Int32Array(rows.count);
    this.#goesLeft = new Uint8Array(rows.count);
    this.#inNode = new Uint8Array(keepsOrders ? 0 : rows.count);
    const slots = Array.from(table.slotColumn.keys());
    this.#places = slots.map(() => null);
    this.#orders = keepsOrders ? slots.map((slot) => this.#fullOrder(slot, new Int32Array(rows.count))) : null;
  }

  #fullOrder(slot: number, into: Int32Array): Int32Array {
    const { order, rowCount } = this.#table;
    const { sampleOf } = this.#rows;
    let count = 0;
    for (let at = slot * rowCount; at < (slot + 1) * rowCount; at++) {
      const sample = sampleOf[order[at]];
      if (sample >= 0) into[count++] = sample;
    }
    return into;
  }

  /** The node's samples by the slot's values. What it answers holds until the next call. */
  ordered(slot: number, start: number, end: number): OrderedRows {
    const { values, count } = this.#rows;
    const base = slot * count;
    const orders = this.#orders;
    if (orders !== null) return { order: orders[slot], start, end, values, base };
    const size = end - start;
    const { rowCount } = this.#table;
    // Sorting takes about n log n steps of several each, filtering one a row of the table.
    if (size * Math.log2(size + 1) * 4 > rowCount) this.#filter(slot, start, end);
    else this.#sort(slot, start, end);
    return { order: this.#scratch, start: 0, end: size, values, base };
  }

  #filter(slot: number, start: number, end: number): void {
    const { order, rowCount } = this.#table;
    const { sampleOf } = this.#rows;
    const { samples } = this;
    const into = this.#scratch;
    const inNode = this.#inNode;
    for (let at = start; at < end; at++) inNode[samples[at]] = 1;
    let count = 0;
    for (let at = slot * rowCount; at < (slot + 1) * rowCount; at++) {
      const sample = sampleOf[order[at]];
      if (sample >= 0 && inNode[sample] === 1) into[count++] = sample;
    }
    for (let at = start; at < end; at++) inNode[samples[at]] = 0;
  }

  #sort(slot: number, start: number, end: number): void {
    const { order, rowCount } = this.#table;
    const { rowOf, sampleOf } = this.#rows;
    const { samples } = this;
    const into = this.#scratch;
    const place = this.#placesOf(slot);
    for (let at = start; at < end; at++) into[at - start] = place[rowOf[samples[at]]];
    const size = end - start;
    into.subarray(0, size).sort();
    const base = slot * rowCount;
    for (let at = 0; at < size; at++) into[at] = sampleOf[order[base + into[at]]];
  }

  #placesOf(slot: number): Int32Array {
    const known = this.#places[slot];
    if (known !== null) return known;
    const { order, rowCount } = this.#table;
    const place = new Int32Array(rowCount);
    for (let at = 0; at < rowCount; at++) place[order[slot * rowCount + at]] = at;
    this.#places[slot] = place;
    return place;
  }

  /** Divides the node by `column <= threshold`; answers where the right side begins. `deep`: its children may split again. */
  divide({ start, end, column, threshold, deep }: Division): number {
    this.#mark({ start, end, column, threshold, deep });
    const middle = this.#part(this.samples, start, end);
    const orders = this.#orders;
    if (deep && orders !== null) {
      const own = this.#table.slot[column];
      for (let slot = 0; slot < orders.length; slot++) if (slot !== own) this.#part(orders[slot], start, end);
    }
    return middle;
  }

  #mark({ start, end, column, threshold }: Division): void {
    const { kind, slot, starts, columns, ranks, level, rankValue } = this.#table;
    const { rowOf, values, count } = this.#rows;
    const { samples } = this;
    const goesLeft = this.#goesLeft;
    if (kind[column] === columnKind.ordered) {
      const base = slot[column] * count;
      for (let at = start; at < end; at++) {
        const sample = samples[at];
        goesLeft[sample] = values[base + sample] <= threshold ? 1 : 0;
      }
      return;
    }
    const zero = threshold >= 0 ? 1 : 0;
    const isFlag = kind[column] === columnKind.flag;
    for (let at = start; at < end; at++) {
      const sample = samples[at];
      const row = rowOf[sample];
      let left = zero;
      for (let cell = starts[row]; cell < starts[row + 1]; cell++) {
        if (columns[cell] !== column) continue;
        const value = isFlag ? level[column] : rankValue[ranks[cell]];
        left = value <= threshold ? 1 : 0;
        break;
      }
      goesLeft[sample] = left;
    }
  }

  /** Those that go left first, both sides in the order in which they stood. */
  #part(segment: Int32Array, start: number, end: number): number {
    const goesLeft = this.#goesLeft;
    const rest = this.#scratch;
    let left = start;
    let right = 0;
    for (let at = start; at < end; at++) {
      const sample = segment[at];
      const isLeft = goesLeft[sample];
      segment[left] = sample;
      rest[right] = sample;
      left += isLeft;
      right += 1 - isLeft;
    }
    for (let at = 0; at < right; at++) segment[left + at] = rest[at];
    return left;
  }
}

export interface Division {
  readonly start: number;
  readonly end: number;
  readonly column: number;
  readonly threshold: number;
  readonly deep: boolean;
}
