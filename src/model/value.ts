// The types of the values that flow through a model graph, known before any row is seen.
import type { Label } from "../data/predictions.ts";

/** `f32`: every number is a float32. `i64` and `bool` are whole numbers held as doubles; they only print differently. */
export type NumberType = "f64" | "f32" | "i64" | "bool";

/** A cell column holds what came (null is missing); a number column holds doubles (NaN is missing). */
export interface TableColumnType {
  readonly name: string;
  readonly kind: "number" | "cell";
}

/** `names`, where known, are the feature names of the columns; refusals quote them. */
export type ValueType =
  | { readonly kind: "records" }
  | { readonly kind: "table"; readonly columns: readonly TableColumnType[] }
  | {
      readonly kind: "dense";
      readonly width: number;
      readonly number: NumberType;
      readonly names: readonly string[] | null;
      /** The width is known only from the rows; `width` is 0. */
      readonly anyWidth?: true;
    }
  | {
      readonly kind: "sparse";
      readonly width: number;
      readonly number: NumberType;
      readonly names: readonly string[] | null;
    }
  /** Class labels; `labels[c]` are the possible labels of column c. */
  | { readonly kind: "label"; readonly labels: readonly (readonly Label[])[] };

export type NumericType = Extract<ValueType, { readonly kind: "dense" | "sparse" }>;

/** Value 0 is the graph's input, value i + 1 the result of op i. */
export type ValueId = number;

export function describeType(type: ValueType): string {
  switch (type.kind) {
    case "records":
      return "records";
    case "table":
      return `table[${type.columns.length}]`;
    case "dense":
      return `dense ${type.number}[${type.anyWidth === true ? "any" : type.width}]`;
    case "sparse":
      return `${type.kind} ${type.number}[${type.width}]`;
    case "label":
      return `label[${type.labels.length}]`;
  }
}
