// Writes rows into a kernel's memory: the packed columns of a dense row, or the few entries of a sparse one, which are
// taken out again afterwards so that the rows are all zero between two calls.
import { type Columns, columnKind } from "./pack-columns.ts";

export type Numbers = Float64Array | Float32Array;

/** Compressed sparse rows; columns ascend within a row and may repeat: the last one counts. */
export interface SparseRows {
  readonly rowCount: number;
  /** `rowCount + 1` offsets into `indices` and `data`. */
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly data: Numbers;
}

/** A run of dense rows, and where they go: `to` is an index into `target`, `step` the numbers from row to row there. */
export interface DenseRun {
  readonly values: Numbers;
  readonly width: number;
  readonly from: number;
  readonly count: number;
}

export function writeDense(columns: Columns, run: DenseRun, target: Numbers, step: number): void {
  const { values, width, from, count } = run;
  const { source, kind } = columns;
  if (columns.identity && width === step) {
    target.set(values.subarray(from * width, (from + count) * width));
    return;
  }
  for (let column = 0; column < source.length; column++) {
    let to = column;
    let at = from * width + source[column];
    switch (kind[column]) {
      case columnKind.plain:
        for (let row = 0; row < count; row++, to += step, at += width) target[to] = values[at];
        break;
      case columnKind.missingHigh:
        for (let row = 0; row < count; row++, to += step, at += width) target[to] = missingHigh(values[at]);
        break;
      default:
        for (let row = 0; row < count; row++, to += step, at += width) target[to] = missingFlag(values[at]);
    }
  }
}

/** One dense row; loops here are cheaper than copying a piece. */
export function writeDenseRow(columns: Columns, row: Numbers, target: Numbers): void {
  const { source, kind, plain } = columns;
  if (plain) {
    for (let column = 0; column < source.length; column++) target[column] = row[source[column]];
    return;
  }
  for (let column = 0; column < source.length; column++) {
    target[column] = columnValue(kind[column], row[source[column]]);
  }
}

export function columnValue(kind: number, value: number): number {
  if (kind === columnKind.plain) return value;
  return kind === columnKind.missingHigh ? missingHigh(value) : missingFlag(value);
}

function missingHigh(value: number): number {
  return Number.isNaN(value) ? Infinity : value;
}

function missingFlag(value: number): number {
  return Number.isNaN(value) ? 1 : 0;
}

/** Of each feature its first packed column, -1 where it has none; its other columns follow. */
export function firstColumns({ source }: Columns, width: number): Int32Array {
  const first = new Int32Array(width).fill(-1);
  for (let column = source.length - 1; column >= 0; column--) first[source[column]] = column;
  return first;
}
