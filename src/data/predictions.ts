// What a model answers for a batch: one column a method, with the rows it refused and what it warns of.
import type { Cell, RowIssue, Warning } from "./batch.ts";

/** A class label in its own type: strings, booleans, integers (beyond 2^53 as bigint) and floats. */
export type Label =
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "integer"; readonly value: number | bigint }
  | { readonly type: "float"; readonly value: number };

/** How a numeric output is written: float32 values print as the shortest text that reads back to the same float32. */
export type OutputType = "float64" | "float32" | "integer" | "boolean";

/**
 * One method's answers. `width` numbers or labels a row, row-major; `scalar` says that a row prints as the bare value
 * (then `width` is 1), else as an array.
 */
export type OutputColumn =
  | {
      readonly kind: "number";
      readonly type: OutputType;
      readonly scalar: boolean;
      readonly width: number;
      readonly values: Float64Array | Float32Array;
    }
  | {
      readonly kind: "label";
      readonly scalar: boolean;
      readonly width: number;
      /** Index into `labels[column]`, row-major. */
      readonly codes: Int32Array;
      /** One list of labels a column. */
      readonly labels: readonly (readonly Label[])[];
    }
  /** What a transformer hands on as it came, or fills in: strings among numbers. Row-major. */
  | { readonly kind: "cell"; readonly scalar: boolean; readonly width: number; readonly cells: readonly Cell[] }
  /** Several outputs of a multi-output model, each an own column; a row prints as an array of them. */
  | { readonly kind: "list"; readonly items: readonly OutputColumn[] };

/** The answers of one call. Cells of rows that stand in `issues` are meaningless. */
export interface Predictions {
  readonly rowCount: number;
  /** By method: `predict`, `predict_proba`, … */
  readonly outputs: Readonly<Record<string, OutputColumn>>;
  /** Rows that the model's own library would refuse, in row order. */
  readonly issues: readonly RowIssue[];
  readonly warnings: readonly Warning[];
}
