// Rows that are written out in full, as the packed columns, and walked over nodes.
import type { PackedForest } from "./packed-forest.ts";
import { columnValue, firstColumns, type Numbers, type SparseRows, writeDense, writeDenseRow } from "./row-writer.ts";
import { rowMultiple, type Walk } from "./walk-shape.ts";
import type { WalkSpace } from "./walk-space.ts";

/** The entries of one sparse row; only the first `length` count. */
export interface SparseRow {
  readonly columns: Int32Array;
  readonly values: Numbers;
  readonly length: number;
}

/** Bytes of a row of packed columns. A leaf reads column 0, so there always is one. */
export function nodeRowBytes({ columns, row }: PackedForest): number {
  return Math.max(1, columns.source.length) * (row.number === "f64" ? 8 : 4);
}

export class NodeWalker {
  readonly #packed: PackedForest;
  readonly #space: WalkSpace;
  readonly #walk: Walk;
  readonly #first: Int32Array;
  readonly #stride: number;
  /** Numbers from row to row. */
  readonly #step: number;
  readonly #rows: Numbers;
  readonly #oneRow: Numbers;
  /** Sparse entries are written over zeros. */
  #rowsAreZero = true;
  #oneRowIsZero = true;

  constructor(packed: PackedForest, space: WalkSpace) {
    this.#packed = packed;
    this.#space = space;
    this.#stride = nodeRowBytes(packed);
    this.#step = Math.max(1, packed.columns.source.length);
    const { layout, columnBits } = packed;
    this.#walk = space.walkFor({
      kind: "nodes",
      layout,
      columnBits,
      comparison: packed.comparison,
      stride: this.#stride,
      sum: packed.sum,
      outputs: packed.base.length,
      leafWidth: packed.leafWidth,
      batchLanes: 8,
      groupSize: packed.groupSize,
    });
    this.#first = firstColumns(packed.columns, packed.row.width);
    const count = space.blockRows(this.#stride) * this.#step;
    this.#rows = numbersAt(packed, space, { at: space.rowsAt, count });
    this.#oneRow = numbersAt(packed, space, { at: space.oneRowAt, count: this.#step });
  }

  predictDense(values: Numbers, rowCount: number, out: Numbers): void {
    const { columns, row } = this.#packed;
    const block = this.#space.blockRows(this.#stride);
    this.#rowsAreZero = false;
    for (let from = 0; from < rowCount; from += block) {
      const count = Math.min(block, rowCount - from);
      writeDense(columns, { values, width: row.width, from, count }, this.#rows, this.#step);
      this.#walkBlock(count, from, out);
    }
  }

  predictRow(row: Numbers, out: Numbers): void {
    this.#oneRowIsZero = false;
    writeDenseRow(this.#packed.columns, row, this.#oneRow);
    this.#walkOne(out, 0);
  }

  /** Rows `from` to `from + count` of `rows`. */
  predictSparse(rows: SparseRows, out: Numbers, { from, count }: { from: number; count: number }): void {
    const block = this.#space.blockRows(this.#stride);
    this.clearRows();
    for (let start = from; start < from + count; start += block) {
      const end = Math.min(start + block, from + count);
      for (let row = start; row < end; row++) this.#writeEntries(rows, row, (row - start) * this.#step);
      this.#walkBlock(end - start, start, out);
      for (let row = start; row < end; row++) this.#clearEntries(rows, row, (row - start) * this.#step);
    }
  }

  predictSparseRow({ columns, values, length }: SparseRow, out: Numbers, at: number): void {
    const row = this.#oneRow;
    if (!this.#oneRowIsZero) row.fill(0);
    this.#oneRowIsZero = true;
    for (let k = 0; k < length; k++) this.#writeEntry(row, 0, { feature: columns[k], value: values[k] });
    this.#walkOne(out, at);
    for (let k = 0; k < length; k++) this.#clearEntry(row, 0, columns[k]);
  }

  /** Somebody else wrote to the block of rows. */
  rowsWereUsed(): void {
    this.#rowsAreZero = false;
  }

  clearRows(): void {
    if (!this.#rowsAreZero) this.#rows.fill(0);
    this.#rowsAreZero = true;
  }

  #writeEntries({ indptr, indices, data }: SparseRows, row: number, to: number): void {
    for (let k = indptr[row]; k < indptr[row + 1]; k++) {
      this.#writeEntry(this.#rows, to, { feature: indices[k], value: data[k] });
    }
  }

  #writeEntry(target: Numbers, to: number, { feature, value }: { feature: number; value: number }): void {
    const { source, kind } = this.#packed.columns;
    const first = this.#first[feature];
    if (first < 0) return;
    for (let column = first; source[column] === feature; column++)
      target[to + column] = columnValue(kind[column], value);
  }

  #clearEntries({ indptr, indices }: SparseRows, row: number, to: number): void {
    for (let k = indptr[row]; k < indptr[row + 1]; k++) this.#clearEntry(this.#rows, to, indices[k]);
  }

  #clearEntry(target: Numbers, to: number, feature: number): void {
    const { source } = this.#packed.columns;
    const first = this.#first[feature];
    if (first < 0) return;
    for (let column = first; source[column] === feature; column++) target[to + column] = 0;
  }

  #walkBlock(count: number, from: number, out: Numbers): void {
    const { trees, tableAt, scanRows, base } = this.#packed;
    const { startSums, sums, rowsAt, sumsAt } = this.#space;
    startSums(count);
    const lanes = Math.ceil(count / rowMultiple) * rowMultiple;
    const scan = count >= scanRows ? 1 : 0;
    if (trees > 0) this.#walk.batch(rowsAt, rowsAt + lanes * this.#stride, sumsAt, tableAt, trees, scan);
    out.set(sums.subarray(0, count * base.length), from * base.length);
  }

  #walkOne(out: Numbers, at: number): void {
    const { trees, tableAt, groupSize, base } = this.#packed;
    const { sums, oneRowAt, sumsAt } = this.#space;
    for (let output = 0; output < base.length; output++) sums[output] = base[output];
    if (trees > 0) this.#walk.single(oneRowAt, sumsAt, tableAt, Math.ceil(trees / groupSize));
    for (let output = 0; output < base.length; output++) out[at + output] = sums[output];
  }
}

function numbersAt(
  { row }: PackedForest,
  { buffer }: WalkSpace,
  { at, count }: { at: number; count: number },
): Numbers {
  return row.number === "f64" ? new Float64Array(buffer, at, count) : new Float32Array(buffer, at, count);
}
