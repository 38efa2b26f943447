// The numbers that a model is fitted to: compressed sparse rows, which also hold dense rows (every column written down).
import { trimaranError } from "../base/errors.ts";

export interface SparseRows {
  readonly width: number;
  /** `rows + 1` long: row i's cells stand from `starts[i]` up to `starts[i + 1]`. */
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/** @throws TRAIN_DATA when the rows and targets are not something that a model can be fitted to */
export function assertTrainable(rows: SparseRows, targets: Float64Array): void {
  const count = rows.starts.length - 1;
  if (count < 1) throw trimaranError("TRAIN_DATA", { problem: "there are no rows" });
  if (targets.length !== count) {
    throw trimaranError("TRAIN_DATA", { problem: `there are ${count} rows, but ${targets.length} targets` });
  }
  assertStarts(rows, count);
  for (let row = 0; row < count; row++) {
    if (!Number.isFinite(targets[row])) {
      throw trimaranError("TRAIN_DATA", { problem: `the target of row ${row} is not a finite number` });
    }
    assertCells(rows, row);
  }
}

function assertStarts({ starts, columns, values }: SparseRows, count: number): void {
  const ascending = starts.every((start, at) => at === 0 || start >= (starts[at - 1] as number));
  if (!ascending || starts[0] !== 0 || starts[count] !== values.length || columns.length !== values.length) {
    throw trimaranError("TRAIN_DATA", { problem: "the rows' starts do not fit their cells" });
  }
}

function assertCells({ width, starts, columns, values }: SparseRows, row: number): void {
  for (let at = starts[row] as number; at < (starts[row + 1] as number); at++) {
    const column = columns[at] as number;
    if (column < 0 || column >= width) {
      throw trimaranError("TRAIN_DATA", { problem: `row ${row} names column ${column} of ${width}` });
    }
    if (!Number.isFinite(values[at])) {
      throw trimaranError("TRAIN_DATA", { problem: `row ${row}, column ${column} is not a finite number` });
    }
  }
}
