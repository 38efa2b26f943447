// What turns one op into ONNX nodes. Inside the ONNX graph every number is a double; float32 is a rounding, as in our own graph.
import { type TrimaranError, trimaranError } from "../../base/errors.ts";
import type { OpKind, OpOf } from "../../model/op.ts";
import type { NumberType, ValueType } from "../../model/value.ts";
import type { OnnxBuilder, OnnxName } from "./onnx-builder.ts";

/** A tensor [rows, 1], of strings where `text`, else of doubles. */
export interface OnnxColumn {
  readonly name: OnnxName;
  readonly text: boolean;
  /** What some strings stand for: another string, or null for a missing cell. The others stand for themselves. */
  readonly renamed: ReadonlyMap<string, string | null>;
}

/** An ONNX string is never null: the empty one is a missing cell. */
export const emptyIsMissing: ReadonlyMap<string, string | null> = new Map([["", null]]);

export type OnnxValue =
  | { readonly kind: "records"; readonly features: ReadonlyMap<string, OnnxColumn> }
  | { readonly kind: "table"; readonly columns: readonly OnnxColumn[] }
  /** Doubles, [rows, width]. */
  | { readonly kind: "tensor"; readonly name: OnnxName }
  /** Positions of labels as int64, [rows, columns]. */
  | { readonly kind: "label"; readonly codes: OnnxName };

/** How trees are written: `float64` needs a runtime with ai.onnx.ml 5; `float32` adds leaves in float32 and runs on older ones. */
export type TreePrecision = "float64" | "float32";

export interface WriteContext {
  readonly onnx: OnnxBuilder;
  readonly inputs: readonly OnnxValue[];
  readonly types: readonly ValueType[];
  readonly result: ValueType;
  readonly trees: TreePrecision;
  /** Leaves of double trees are added tree by tree, as our own kernels do it, at the price of a number a row and tree. */
  readonly addsInOrder: boolean;
  /** Any input of the graph, for the number of rows. */
  readonly anyInput: OnnxName;
}

export type WriteOp<Kind extends OpKind> = (op: OpOf<Kind>, context: WriteContext) => OnnxValue;

/** An op that ONNX cannot say, with the reason. */
export interface Unsupported {
  readonly unsupported: string;
}

export type OpWriter<Kind extends OpKind> = WriteOp<Kind> | Unsupported;

export function unsupported(reason: string): Unsupported {
  return { unsupported: reason };
}

export function exportError(operation: string, reason: string): TrimaranError {
  return trimaranError("ONNX_EXPORT", { operation, reason });
}

/** The tensor of input `index`. The graph was checked, so a kind that does not fit is our own mistake. */
export function tensorInput({ inputs }: WriteContext, index = 0): OnnxName {
  const value = inputs[index];
  if (value?.kind !== "tensor") throw new TypeError("onnx: a tensor was promised");
  return value.name;
}

export function widthOf(type: ValueType | undefined): number {
  return type?.kind === "dense" || type?.kind === "sparse" ? type.width : 0;
}

export function numberOf(type: ValueType | undefined): NumberType {
  return type?.kind === "dense" || type?.kind === "sparse" ? type.number : "f64";
}

/** The value, rounded to float32 where its type says so. */
export function rounded({ onnx }: Pick<WriteContext, "onnx">, name: OnnxName, number: NumberType): OnnxName {
  return number === "f32" ? onnx.cast(onnx.cast(name, "float"), "double") : name;
}

export function tensor(name: OnnxName): OnnxValue {
  return { kind: "tensor", name };
}
