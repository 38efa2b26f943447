// Forests with category sets, by the packed kernels. Each column that is split by category is first replaced by the place of its
// cell among the column's categories (after them a missing cell and a cell of no set), so that a split is one bit of a set
// that the node owns.
import type { ForestOp } from "../../model/ops/forest.ts";
import { denseInput, type Kernel } from "../kernel.ts";
import type { ForestSets } from "../kernels/forest-arrays.ts";
import type { ForestKernel } from "../kernels/forest-kernel.ts";
import { categoryOf, goesLeft } from "../reference/forest.ts";
import { type Numbers, numbersOf } from "../runtime-value.ts";

/** More words of sets than this are not made. */
const maxWords = 16_000_000;

/** The same trees over placed rows. */
export type SetForestOp = ForestOp & { readonly sets: ForestSets };

export interface PlacedCategories {
  readonly op: SetForestOp;
  /** Categories by column; 0: the column is a number. */
  readonly counts: Int32Array;
}

const placements = new WeakMap<ForestOp, PlacedCategories | null>();

/** Null where the sets would take too much memory, or the forest has more than categories. */
export function placeCategories(op: ForestOp, width: number): PlacedCategories | null {
  let placed = placements.get(op);
  if (placed === undefined) {
    placed = makePlaced(op, width);
    placements.set(op, placed);
  }
  return placed;
}

function makePlaced(op: ForestOp, width: number): PlacedCategories | null {
  const { categories, zeroMissing, linear, inputs, ...plain } = op;
  if (inputs.length !== 1 || (linear ?? null) !== null || (zeroMissing ?? null) !== null) return null;
  if (categories === undefined || categories === null) return null;
  const { left, right, offsets, number } = categories;
  const sizeOf = (set: number): number => (set < 0 ? 0 : ((offsets[set + 1] ?? 0) - (offsets[set] ?? 0)) * 32);
  const counts = new Int32Array(width);
  for (let node = 0; node < left.length; node++) {
    if ((left[node] ?? -1) < 0) continue;
    const column = op.feature[node] as number;
    const size = number === "byte" ? 256 : Math.max(sizeOf(left[node] ?? -1), sizeOf(right[node] ?? -1), 1);
    counts[column] = Math.max(counts[column] as number, size);
  }
  const first = new Int32Array(op.feature.length).fill(-1);
  let total = 0;
  for (let node = 0; node < op.feature.length; node++) {
    const column = op.feature[node] as number;
    if (column < 0) continue;
    if ((left[node] ?? -1) >= 0) {
      first[node] = total;
      total += wordsOf(counts[column] as number);
    } else if ((counts[column] as number) > 0) {
      // A column that one node reads as a category and another as a number cannot be replaced.
      return null;
    }
  }
  if (total > maxWords) return null;
  const words = new Uint32Array(total);
  for (let node = 0; node < op.feature.length; node++) {
    const start = first[node] as number;
    if (start < 0) continue;
    const count = counts[op.feature[node] as number] as number;
    for (let place = 0; place < count + 2; place++) {
      // With bytes only a negative cell is of no set, where that is outside.
      const value = place < count ? place : place === count ? Number.NaN : number === "byte" ? -1 : count;
      if (!goesLeft(op, node, value)) continue;
      const word = start + (place >> 5);
      words[word] = (words[word] as number) | (1 << (place & 31));
    }
  }
  return { op: { ...plain, inputs, sets: { first, words } }, counts };
}

function wordsOf(count: number): number {
  return (count + 2 + 31) >> 5;
}

/** Rows that are placed at a time. */
const blockRows = 1024;

/** `kernel` walks the placed trees. */
export function categoryForest(source: ForestOp, { counts }: PlacedCategories, kernel: ForestKernel): Kernel {
  const outputs = source.base.length;
  const width = counts.length;
  const columns = Int32Array.from(counts.keys()).filter((column) => (counts[column] as number) > 0);
  let cells = new Float64Array(width);
  return ([input], { rowCount }) => {
    const { values } = denseInput(input);
    const out = numbersOf(source.sum, rowCount * outputs);
    const most = Math.min(blockRows, rowCount);
    if (cells.length < most * width) cells = new Float64Array(most * width);
    for (let start = 0; start < rowCount; start += blockRows) {
      const count = Math.min(blockRows, rowCount - start);
      const part = cells.subarray(0, count * width);
      part.set(values.subarray(start * width, (start + count) * width));
      for (const column of columns) {
        placeColumn(source, part, { column, width, count: counts[column] as number });
      }
      kernel.predictDense(part, count, out.subarray(start * outputs, (start + count) * outputs));
    }
    return { kind: "dense", width: outputs, values: out };
  };
}

interface PlacedColumn {
  readonly column: number;
  readonly width: number;
  readonly count: number;
}

/** A place p is written as the p-th number above 0. */
function placeColumn(op: ForestOp, cells: Numbers, { column, width, count }: PlacedColumn): void {
  for (let at = column; at < cells.length; at += width) {
    cells[at] = placeOf(op, cells[at] as number, count) * Number.MIN_VALUE;
  }
}

function placeOf({ categories }: ForestOp, value: number, count: number): number {
  if (categories === undefined || categories === null || Number.isNaN(value)) return count;
  if (value < 0 && categories.negative !== "convert") return categories.negative === "missing" ? count : count + 1;
  const category = categoryOf(value, categories.number);
  return category >= 0 && category < count ? category : count + 1;
}
