// Forests with many category sets, walked tree by tree over blocks of rows. Each column that is split by category is first
// replaced by the place of its cell among the column's categories (after them a missing cell and a cell of no set), so that
// a split is one bit of a set that the node owns.
import type { ForestOp } from "../../model/ops/forest.ts";
import { denseInput, type Kernel } from "../kernel.ts";
import { categoryOf, goesLeft } from "../reference/forest.ts";
import { type Numbers, numbersOf } from "../runtime-value.ts";

/** More words of sets than this are not made. */
const maxWords = 16_000_000;
/** Rows of one block: their cells stay in the cache while all trees pass over them. */
const blockRows = 128;

// Four numbers a node: column (-1: leaf), left child (of a leaf: its row in `leaves`), right child, and the first word of its
// set, or -1 where the threshold decides.
const stride = 4;

interface PackedForest {
  readonly nodes: Int32Array;
  readonly words: Uint32Array;
  /** Categories by column; 0: the column is a number. */
  readonly counts: Int32Array;
}

/** Null where the sets would take too much memory, or the forest has more than categories. */
export function categoryForest(op: ForestOp, width: number): Kernel | null {
  const { zeroMissing, linear, inputs, categories } = op;
  if (inputs.length !== 1 || (linear ?? null) !== null || (zeroMissing ?? null) !== null) return null;
  if (categories === undefined || categories === null) return null;
  const packed = packForest(op, width);
  if (packed === null) return null;
  const outputs = op.base.length;
  const cells = new Float64Array(blockRows * width);
  return ([input], { rowCount }) => {
    const { values } = denseInput(input);
    const out = numbersOf(op.sum, rowCount * outputs);
    for (let row = 0; row < rowCount; row++) out.set(op.base, row * outputs);
    for (let start = 0; start < rowCount; start += blockRows) {
      const count = Math.min(blockRows, rowCount - start);
      placeCells(op, packed, { from: values, start: start * width, length: count * width, width, to: cells });
      walkBlock(op, packed, { cells, width, count, out, at: start * outputs });
    }
    return { kind: "dense", width: outputs, values: out };
  };
}

function packForest(op: ForestOp, width: number): PackedForest | null {
  const { categories } = op;
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
  const nodes = new Int32Array(op.feature.length * stride);
  let total = 0;
  for (let node = 0; node < op.feature.length; node++) {
    const column = op.feature[node] as number;
    const byCategory = column >= 0 && (left[node] ?? -1) >= 0;
    // A column that one node reads as a category and another as a number cannot be replaced.
    if (column >= 0 && !byCategory && (counts[column] as number) > 0) return null;
    const parts = [column, op.left[node] as number, op.right[node] as number, byCategory ? total : -1];
    nodes.set(parts, node * stride);
    if (byCategory) total += wordsOf(counts[column] as number);
  }
  if (total > maxWords) return null;
  const words = new Uint32Array(total);
  for (let node = 0; node < op.feature.length; node++) {
    const first = nodes[node * stride + 3] as number;
    if (first < 0 || (op.feature[node] as number) < 0) continue;
    const count = counts[op.feature[node] as number] as number;
    for (let place = 0; place < count + 2; place++) {
      // With bytes only a negative cell is of no set, where that is outside.
      const value = place < count ? place : place === count ? Number.NaN : number === "byte" ? -1 : count;
      if (!goesLeft(op, node, value)) continue;
      const word = first + (place >> 5);
      words[word] = (words[word] as number) | (1 << (place & 31));
    }
  }
  return { nodes, words, counts };
}

function wordsOf(count: number): number {
  return (count + 2 + 31) >> 5;
}

interface Block {
  readonly from: Numbers;
  readonly start: number;
  readonly length: number;
  readonly width: number;
  readonly to: Float64Array;
}

function placeCells(op: ForestOp, { counts }: PackedForest, { from, start, length, width, to }: Block): void {
  for (let at = 0; at < length; at++) to[at] = from[start + at] as number;
  for (let column = 0; column < width; column++) {
    const count = counts[column] as number;
    if (count === 0) continue;
    for (let at = column; at < length; at += width) to[at] = placeOf(op, to[at] as number, count);
  }
}

function placeOf({ categories }: ForestOp, value: number, count: number): number {
  if (categories === undefined || categories === null || Number.isNaN(value)) return count;
  if (value < 0 && categories.negative !== "convert") return categories.negative === "missing" ? count : count + 1;
  const category = categoryOf(value, categories.number);
  return category >= 0 && category < count ? category : count + 1;
}

interface Walk {
  readonly cells: Float64Array;
  readonly width: number;
  readonly count: number;
  readonly out: Numbers;
  readonly at: number;
}

function walkBlock(op: ForestOp, { nodes, words }: PackedForest, { cells, width, count, out, at }: Walk): void {
  const { roots, threshold, missingLeft, leaves, leafWidth, targets } = op;
  const outputs = op.base.length;
  const orEqual = op.rule === "le";
  for (let tree = 0; tree + 1 < roots.length; tree++) {
    const root = roots[tree] as number;
    const target = targets === null ? 0 : (targets[tree] as number);
    for (let row = 0; row < count; row++) {
      const base = row * width;
      let node = root;
      let column = nodes[node * stride] as number;
      while (column >= 0) {
        const x = cells[base + column] as number;
        const first = nodes[node * stride + 3] as number;
        let side = 2;
        if (first >= 0) side -= ((words[first + (x >> 5)] as number) >>> (x & 31)) & 1;
        else if (x <= (threshold[node] as number)) side = orEqual || x < (threshold[node] as number) ? 1 : 2;
        else if (Number.isNaN(x) && missingLeft !== null && missingLeft[node] === 1) side = 1;
        node = nodes[node * stride + side] as number;
        column = nodes[node * stride] as number;
      }
      const leaf = nodes[node * stride + 1] as number;
      const to = at + row * outputs + target;
      for (let output = 0; output < leafWidth; output++) {
        out[to + output] = (out[to + output] as number) + (leaves[leaf * leafWidth + output] as number);
      }
    }
  }
}
