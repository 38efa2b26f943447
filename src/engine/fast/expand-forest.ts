// Forests with category sets, or with zeros that are missing, made plain for the packed kernels: the rows get columns.
//
// - A split by category reads an indicator of its own, 0 for left and 1 for right. The indicators of one column of the input
//   lie side by side, and a table holds them for every category, for a missing cell and for a cell of no set, so that a row
//   is widened by copying one table row a column.
// - A split to which zero is missing reads a copy of its column in which zeros are NaN.
import type { ForestOp } from "../../model/ops/forest.ts";
import { denseInput, type Kernel } from "../kernel.ts";
import type { ForestKernel } from "../kernels/forest-kernel.ts";
import { categoryOf, goesLeft, isZero } from "../reference/forest.ts";
import { type Numbers, numbersOf } from "../runtime-value.ts";

/** More numbers than this in one table, or columns in one row, cost more than the plain walk. */
const maxTable = 4_000_000;
const maxWidth = 4096;

export interface ExpandedForest {
  /** The same trees over the wider rows. */
  readonly op: ForestOp;
  readonly width: number;
  readonly indicators: readonly Indicators[];
  /** Columns of the input that are copied with zeros as NaN, in the order of their copies. */
  readonly zeroColumns: Int32Array;
}

interface Indicators {
  readonly column: number;
  /** The first of the new columns. */
  readonly first: number;
  readonly count: number;
  /** Categories of the table; after them stand a row for a missing cell and one for a cell of no set. */
  readonly categories: number;
  readonly table: Float64Array;
}

const expansions = new WeakMap<ForestOp, ExpandedForest | null>();

/** Null where the forest has more than this can express, or too many categories. */
export function expandForest(op: ForestOp, width: number): ExpandedForest | null {
  let expanded = expansions.get(op);
  if (expanded === undefined) {
    expanded = makeExpanded(op, width);
    expansions.set(op, expanded);
  }
  return expanded;
}

function makeExpanded(op: ForestOp, width: number): ExpandedForest | null {
  const { categories, zeroMissing, linear, inputs, ...plain } = op;
  if (inputs.length !== 1 || (linear ?? null) !== null) return null;
  const nodesByColumn = new Map<number, number[]>();
  const zeroColumns: number[] = [];
  for (let node = 0; node < op.feature.length; node++) {
    const column = op.feature[node] as number;
    if (column < 0) continue;
    const byCategory = (categories?.left[node] ?? -1) >= 0;
    const zero = zeroMissing?.[node] === 1;
    if (byCategory && zero) return null;
    if (byCategory) {
      const nodes = nodesByColumn.get(column);
      if (nodes === undefined) nodesByColumn.set(column, [node]);
      else nodes.push(node);
    }
    if (!byCategory && zero && !zeroColumns.includes(column)) zeroColumns.push(column);
  }
  const feature = op.feature.slice();
  const threshold = op.threshold.slice();
  for (let node = 0; node < feature.length; node++) {
    const copy = zeroMissing?.[node] === 1 ? zeroColumns.indexOf(feature[node] as number) : -1;
    if (copy >= 0) feature[node] = width + copy;
  }
  let first = width + zeroColumns.length;
  const indicators: Indicators[] = [];
  for (const [column, nodes] of nodesByColumn) {
    const made = tableOf(op, column, { nodes, first });
    if (made === null) return null;
    for (const [at, node] of nodes.entries()) {
      feature[node] = first + at;
      threshold[node] = 0.5;
    }
    indicators.push(made);
    first += nodes.length;
  }
  if (first > maxWidth) return null;
  return {
    op: { ...plain, inputs, feature, threshold },
    width: first,
    indicators,
    zeroColumns: Int32Array.from(zeroColumns),
  };
}

function tableOf(
  op: ForestOp,
  column: number,
  { nodes, first }: { nodes: readonly number[]; first: number },
): Indicators | null {
  const { categories } = op;
  if (categories === undefined || categories === null) return null;
  const { left, right, offsets, number } = categories;
  const sizeOf = (set: number): number => (set < 0 ? 0 : ((offsets[set + 1] ?? 0) - (offsets[set] ?? 0)) * 32);
  const known = nodes.reduce((most, node) => Math.max(most, sizeOf(left[node] ?? -1), sizeOf(right[node] ?? -1)), 1);
  const count = number === "byte" ? 256 : known;
  if ((count + 2) * nodes.length > maxTable) return null;
  const table = new Float64Array((count + 2) * nodes.length);
  // A cell of no set: with bytes only a negative one, where that is outside.
  const outside = number === "byte" ? -1 : count;
  for (let row = 0; row < count + 2; row++) {
    const value = row < count ? row : row === count ? Number.NaN : outside;
    for (const [at, node] of nodes.entries()) table[row * nodes.length + at] = goesLeft(op, node, value) ? 0 : 1;
  }
  return { column, first, count: nodes.length, categories: count, table };
}

/** Rows are widened so many at a time. */
const chunkRows = 256;

export function expandedForest(
  source: ForestOp,
  expanded: ExpandedForest,
  { kernel, number }: { kernel: ForestKernel; number: "f64" | "f32" },
): Kernel {
  const outputs = source.base.length;
  let rows = numbersOf(number, expanded.width);
  return ([input], { rowCount }) => {
    const { width, values } = denseInput(input);
    const out = numbersOf(source.sum, rowCount * outputs);
    const chunk = Math.min(chunkRows, rowCount);
    if (rows.length < chunk * expanded.width) rows = numbersOf(number, chunk * expanded.width);
    for (let start = 0; start < rowCount; start += chunk) {
      const count = Math.min(chunk, rowCount - start);
      for (let row = 0; row < count; row++) {
        widenRow(source, expanded, {
          from: values,
          at: (start + row) * width,
          width,
          to: rows,
          place: row * expanded.width,
        });
      }
      const part = rows.subarray(0, count * expanded.width);
      kernel.predictDense(part, count, out.subarray(start * outputs, (start + count) * outputs));
    }
    return { kind: "dense", width: outputs, values: out };
  };
}

interface WidenedRow {
  readonly from: Numbers;
  readonly at: number;
  readonly width: number;
  readonly to: Numbers;
  readonly place: number;
}

function widenRow(source: ForestOp, expanded: ExpandedForest, { from, at, width, to, place }: WidenedRow): void {
  for (let column = 0; column < width; column++) to[place + column] = from[at + column] as number;
  const { zeroColumns, indicators } = expanded;
  for (let copy = 0; copy < zeroColumns.length; copy++) {
    const value = from[at + (zeroColumns[copy] as number)] as number;
    to[place + width + copy] = isZero(value) ? Number.NaN : value;
  }
  for (const { column, first, count, categories, table } of indicators) {
    const start = tableRow(source, from[at + column] as number, categories) * count;
    for (let i = 0; i < count; i++) to[place + first + i] = table[start + i] as number;
  }
}

/** The table row of a cell: its category, or the row for a missing one, or the row for one of no set. */
function tableRow({ categories }: ForestOp, value: number, count: number): number {
  if (categories === undefined || categories === null || Number.isNaN(value)) return count;
  if (value < 0 && categories.negative !== "convert") return categories.negative === "missing" ? count : count + 1;
  const category = categoryOf(value, categories.number);
  return category >= 0 && category < count ? category : count + 1;
}
