// A batch: rows on their way into a model, in one of three layouts, as a model's input asks for them.
import type { Issue } from "../base/errors.ts";

/** One row of a model that takes dictionaries (feature name → value), as a DictVectorizer does. */
export type FeatureRow = Readonly<Record<string, unknown>>;

/** Dictionaries, one a row. */
export interface RecordBatch {
  readonly kind: "records";
  readonly rows: readonly FeatureRow[];
  /** The same as columns, where they came so: who can read these spares the making of `rows`. */
  readonly columns?: FeatureColumns;
}

/**
 * - `number`: a missing one is NaN
 * - `coded`: row `i` has `cells[codes[i]]`. The same array of cells may come again with further cells behind those that it had, so
 *   that what was found out about a code is worth keeping.
 */
export type FeatureColumn =
  | { readonly kind: "number"; readonly values: Float64Array }
  | { readonly kind: "coded"; readonly codes: Int32Array; readonly cells: readonly Cell[] };

export interface FeatureColumns {
  readonly rowCount: number;
  /** By feature, in the order in which a row would hold them. */
  readonly columns: ReadonlyMap<string, FeatureColumn>;
}

/** Numbers only, row-major: `values[row * width + column]`. A missing value is NaN. */
export interface MatrixBatch {
  readonly kind: "matrix";
  readonly rowCount: number;
  readonly width: number;
  readonly values: Float64Array;
}

/** Columns of mixed types, each of `rowCount` cells. */
export interface TableBatch {
  readonly kind: "table";
  readonly rowCount: number;
  readonly columns: readonly Column[];
}

export type Batch = RecordBatch | MatrixBatch | TableBatch;

/** A column of numbers (missing is NaN), or of cells as they came (missing is null). */
export type Column =
  | { readonly kind: "number"; readonly values: Float64Array }
  | { readonly kind: "cell"; readonly values: readonly Cell[] };

/** One value of a mixed column; `null` is missing. */
export type Cell = null | boolean | number | bigint | string;

/** An issue of one row. `path` is relative to the row (`/trip_distance`). */
export interface RowIssue extends Issue {
  readonly row: number;
}

/** Something that does not stop a row but that its sender should know, counted over the batch. Holds names, never values. */
export interface Warning {
  readonly code: WarningCode;
  readonly field: string;
  readonly count: number;
}

/**
 * - `unseen_category`: the model knows the feature, but never saw this value of it; it contributes nothing
 * - `unknown_feature`: the model does not know the feature at all
 * - `unknown_field`: the definition does not declare the field; it was ignored
 * - `lookup_failed`: the definition's `lookup` failed, and the row was answered without what it would have found
 */
export type WarningCode = "unseen_category" | "unknown_feature" | "unknown_field" | "lookup_failed";

export function rowCountOf(batch: Batch): number {
  if (batch.kind !== "records") return batch.rowCount;
  return batch.columns?.rowCount ?? batch.rows.length;
}

/** Copies of the rows from `start` to `end`. */
export function rowsOf(batch: Batch, start: number, end: number): Batch {
  switch (batch.kind) {
    case "records":
      return { kind: "records", rows: batch.rows.slice(start, end) };
    case "matrix": {
      const { width, values } = batch;
      return { kind: "matrix", rowCount: end - start, width, values: values.slice(start * width, end * width) };
    }
    case "table":
      return {
        kind: "table",
        rowCount: end - start,
        columns: batch.columns.map(
          (column): Column =>
            column.kind === "number"
              ? { kind: "number", values: column.values.slice(start, end) }
              : { kind: "cell", values: column.values.slice(start, end) },
        ),
      };
  }
}

/** Adds a warning of the same code and field up, or appends one. */
export function addWarning(warnings: Map<string, Warning>, { code, field, count }: Warning): void {
  const key = `${code}\u0000${field}`;
  const known = warnings.get(key);
  warnings.set(key, { code, field, count: (known?.count ?? 0) + count });
}

/** Counts one warning. */
export function countWarning(warnings: Map<string, Warning>, code: WarningCode, field: string): void {
  addWarning(warnings, { code, field, count: 1 });
}
