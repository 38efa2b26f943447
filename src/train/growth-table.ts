// Rows → the table that trees grow on, in memory that threads share. Numbers are rounded to float32, as scikit-learn's trees have
// them.
import { trimaranError } from "../base/errors.ts";
import { columnKind, type GrowthTable } from "../engine/kernels/grow/growth-table.ts";
import { rowsByValue } from "./sort-floats.ts";
import type { SparseRows } from "./sparse-rows.ts";
import type { TrainingMatrix } from "./training-matrix.ts";

/** A column of which at least one row in so many is not 0 is written out in full. */
const fullShare = 5;

/** Columns are cut where values differ by more than this. */
const leastLevel = 1e-6;

export function growthTable(matrix: TrainingMatrix): GrowthTable {
  const { rows, targets, classes, weights } = matrix;
  const rounded = roundedValues(rows);
  const rowCount = rows.starts.length - 1;
  const facts = columnFacts(rows, rounded);
  const kind = facts.count.map((count, column) => {
    if (facts.several[column] === 0 && Math.abs(facts.level[column] as number) > leastLevel) return columnKind.flag;
    return count * fullShare >= rowCount ? columnKind.ordered : columnKind.scattered;
  });
  return {
    rowCount,
    columnCount: rows.width,
    classCount: classes?.length ?? 0,
    targets: shared(targets),
    weights: weights === null ? null : shared(weights),
    kind: shared(Uint8Array.from(kind)),
    level: shared(facts.level),
    ...orderedColumns(rows, rounded, kind),
    ...sparseCells(rows, rounded, kind),
  };
}

function roundedValues({ values, columns }: SparseRows): Float32Array {
  const rounded = Float32Array.from(values);
  const at = rounded.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return rounded;
  throw trimaranError("TRAIN_DATA", { problem: `column ${columns[at]} holds a number that float32 cannot hold` });
}

interface ColumnFacts {
  /** Cells that are not 0. */
  readonly count: Int32Array;
  /** The first one of them. */
  readonly level: Float32Array;
  /** 1 where they differ. */
  readonly several: Uint8Array;
}

function columnFacts({ width, columns }: SparseRows, rounded: Float32Array): ColumnFacts {
  const count = new Int32Array(width);
  const level = new Float32Array(width);
  const several = new Uint8Array(width);
  for (let at = 0; at < rounded.length; at++) {
    const value = rounded[at] as number;
    if (value === 0) continue;
    const column = columns[at] as number;
    if (count[column] === 0) level[column] = value;
    else if (level[column] !== value) several[column] = 1;
    count[column] = (count[column] as number) + 1;
  }
  return { count, level, several };
}

type OrderedColumns = Pick<GrowthTable, "slot" | "slotColumn" | "values" | "order">;

function orderedColumns(rows: SparseRows, rounded: Float32Array, kind: Int32Array): OrderedColumns {
  const rowCount = rows.starts.length - 1;
  const slotColumn = Int32Array.from(kind.keys()).filter((column) => kind[column] === columnKind.ordered);
  const slot = new Int32Array(rows.width).fill(-1);
  for (const [at, column] of slotColumn.entries()) slot[column] = at;
  const values = sharedFloats(slotColumn.length * rowCount);
  for (let row = 0; row < rowCount; row++) {
    const end = rows.starts[row + 1] as number;
    for (let at = rows.starts[row] as number; at < end; at++) {
      const own = slot[rows.columns[at] as number] as number;
      // Adding 0 makes one zero of both.
      if (own >= 0) values[own * rowCount + row] = (rounded[at] as number) + 0;
    }
  }
  const order = new Int32Array(new SharedArrayBuffer(slotColumn.length * rowCount * 4));
  for (const at of slotColumn.keys()) {
    const own = values.subarray(at * rowCount, (at + 1) * rowCount);
    order.set(rowsByValue(own), at * rowCount);
  }
  return { slot: shared(slot), slotColumn: shared(slotColumn), values, order };
}

type SparseCells = Pick<GrowthTable, "starts" | "columns" | "ranks" | "rankColumn" | "rankValue" | "rankRow">;

function sparseCells(rows: SparseRows, rounded: Float32Array, kind: Int32Array): SparseCells {
  const rowCount = rows.starts.length - 1;
  const kept = (at: number): boolean => rounded[at] !== 0 && kind[rows.columns[at] as number] !== columnKind.ordered;
  let count = 0;
  for (let at = 0; at < rounded.length; at++) if (kept(at)) count++;
  const starts = new Int32Array(rowCount + 1);
  const columns = new Int32Array(count);
  const values = new Float32Array(count);
  const rowOf = new Int32Array(count);
  let to = 0;
  for (let row = 0; row < rowCount; row++) {
    const end = rows.starts[row + 1] as number;
    for (let at = rows.starts[row] as number; at < end; at++) {
      if (!kept(at)) continue;
      columns[to] = rows.columns[at] as number;
      values[to] = rounded[at] as number;
      rowOf[to++] = row;
    }
    starts[row + 1] = to;
  }
  const scattered = Int32Array.from(columns.keys()).filter(
    (at) => kind[columns[at] as number] === columnKind.scattered,
  );
  const by = (a: number, b: number): number =>
    (columns[a] as number) - (columns[b] as number) || (values[a] as number) - (values[b] as number) || a - b;
  scattered.sort(by);
  const ranks = new Int32Array(count).fill(-1);
  for (const [rank, at] of scattered.entries()) ranks[at] = rank;
  return {
    starts: shared(starts),
    columns: shared(columns),
    ranks: shared(ranks),
    rankColumn: shared(scattered.map((at) => columns[at] as number)),
    rankValue: shared(Float32Array.from(scattered, (at) => values[at] as number)),
    rankRow: shared(scattered.map((at) => rowOf[at] as number)),
  };
}

type Numbers = Float64Array | Float32Array | Int32Array | Uint8Array;

function shared<Values extends Numbers>(values: Values): Values {
  const Same = values.constructor as new (buffer: SharedArrayBuffer) => Values;
  const copy = new Same(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

function sharedFloats(count: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(count * 4));
}
