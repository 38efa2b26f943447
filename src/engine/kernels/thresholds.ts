// Between which thresholds of a forest a number lies: all that its trees can know of it.
import { columnKind } from "./pack-columns.ts";
import { entry, nodeBytes, type PackedForest, tableEntryWords } from "./packed-forest.ts";

/** A column of more thresholds finds its own by a table. */
const mostSearched = 16;

export class Thresholds {
  /** Of each column: where its thresholds begin; one more at the end. */
  readonly #starts: Int32Array;
  /** Of all columns, ascending within each. */
  readonly #values: Float64Array;
  /** Of each column: the rank of 0 there, which an entry that is not there has. */
  readonly #zeros: Int32Array;
  /** Of columns of many thresholds: by the upper half of a number's float32, how many thresholds of the column lie below that half. */
  readonly #tables: ReadonlyMap<number, Int32Array>;
  readonly #isAbove: boolean;

  /** `buffer` holds the forest from address 0; it has no sets. */
  constructor(packed: PackedForest, buffer: ArrayBufferLike) {
    const { width } = packed.row;
    const bounds = boundsOf(packed, buffer);
    // `x > t` and `x <= t` part the numbers above a threshold from the others, `x >= t` and `x < t` those below it.
    this.#isAbove = packed.comparison === "gt" || packed.comparison === "le";
    this.#starts = new Int32Array(width + 1);
    for (let column = 0; column < width; column++) {
      this.#starts[column + 1] = this.#starts[column] + (bounds.get(column)?.size ?? 0);
    }
    this.#values = new Float64Array(this.#starts[width]);
    const tables = new Map<number, Int32Array>();
    for (const [column, values] of bounds) {
      const sorted = Float64Array.from(values).sort();
      this.#values.set(sorted, this.#starts[column]);
      if (sorted.length > mostSearched) tables.set(column, tableOf(sorted));
    }
    this.#tables = tables;
    this.#zeros = Int32Array.from({ length: width }, (_, column) => this.#search(column, 0));
  }

  /**
   * A number of its own for each column and each interval between thresholds.
   * @returns -1 where no tree can tell the value from 0
   */
  rankOf(column: number, value: number): number {
    const rank = this.#search(column, value);
    // Each column has one interval more than thresholds.
    return rank === this.#zeros[column] ? -1 : rank + column;
  }

  /** Of a finite number: where it would be inserted among the column's thresholds. */
  #search(column: number, value: number): number {
    let low = this.#starts[column];
    let high = this.#starts[column + 1];
    if (high - low > mostSearched) {
      const table = this.#tables.get(column)!;
      const half = halfOf(value);
      high = low + table[half + 1];
      low += table[half];
    }
    const values = this.#values;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#isAbove ? values[middle] < value : values[middle] <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Of each feature that a number decides at: the bounds. The walks over nodes and those over a chain know the same ones. */
function boundsOf({ layout, columnBits, columns, trees, tableAt }: PackedForest, buffer: ArrayBufferLike) {
  const words = new Uint32Array(buffer);
  const floats = new Float32Array(buffer);
  const doubles = new Float64Array(buffer);
  const step = nodeBytes(layout) / 4;
  const found = new Map<number, Set<number>>();
  for (let tree = 0; tree < trees; tree++) {
    const word = tableAt / 4 + tree * tableEntryWords;
    const end = words[word + entry.leaves] / 4;
    for (let at = words[word + entry.root] / 4; at < end; at += step) {
      const bound = layout === "double" ? doubles[at / 2] : floats[at];
      const offset = layout === "near" ? words[at + 1] & ((1 << columnBits) - 1) : words[at + 3];
      const column = offset / (layout === "double" ? 8 : 4);
      // A leaf's bound is none; whether a number is missing is not asked of numbers.
      if (Number.isNaN(bound) || columns.kind[column] === columnKind.missingFlag) continue;
      const feature = columns.source[column];
      const bounds = found.get(feature) ?? new Set();
      found.set(feature, bounds.add(bound));
    }
  }
  return found;
}

function tableOf(sorted: Float64Array): Int32Array {
  const table = new Int32Array(65537);
  let at = 0;
  for (let half = 0; half <= 65536; half++) {
    while (at < sorted.length && halfOf(sorted[at]!) < half) at++;
    table[half] = at;
  }
  return table;
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The upper half of the bits of a number as float32, so that a larger number's is never smaller. */
function halfOf(value: number): number {
  // -0 is 0.
  float[0] = value + 0;
  return ((bits[0]! ^ ((bits[0]! >> 31) & 0x7fffffff)) >> 16) + 32768;
}
