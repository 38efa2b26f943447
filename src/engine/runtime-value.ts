// The values that kernels hand to one another while a batch is computed.
import type { Column, RecordBatch } from "../data/batch.ts";

export type Numbers = Float64Array | Float32Array;

export interface DenseValue {
  readonly kind: "dense";
  readonly width: number;
  /** Row-major. */
  readonly values: Numbers;
}

/** Compressed sparse rows; columns ascend within a row and may repeat. */
export interface SparseValue {
  readonly kind: "sparse";
  readonly width: number;
  /** `rows + 1` offsets into `indices` and `data`. */
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly data: Numbers;
}

export interface LabelValue {
  readonly kind: "label";
  readonly width: number;
  readonly codes: Int32Array;
}

export type RuntimeValue =
  | RecordBatch
  | { readonly kind: "table"; readonly columns: readonly Column[] }
  | DenseValue
  | SparseValue
  | LabelValue;

/** A fresh array of the number type that a value's type asks for. */
export function numbersOf(type: string, length: number): Numbers {
  return type === "f32" ? new Float32Array(length) : new Float64Array(length);
}
