// What a kernel is: made once for an op and its types, then called with a batch's values.
import type { OpKind, OpOf } from "../model/op.ts";
import type { ValueType } from "../model/value.ts";
import type { Frame } from "./frame.ts";
import type { DenseValue, RuntimeValue, SparseValue } from "./runtime-value.ts";

/** The types of an op's inputs and of its result, as `valueTypes` gives them. */
export interface KernelTypes {
  readonly inputs: readonly ValueType[];
  readonly result: ValueType;
}

/** Computes one value. It never changes its inputs; rows that it refuses hold anything afterwards. */
export type Kernel = (inputs: readonly RuntimeValue[], frame: Frame) => RuntimeValue;

export type KernelMaker<Kind extends OpKind> = (op: OpOf<Kind>, types: KernelTypes) => Kernel;

/** The graph is checked when it is compiled, so these never fail on a sound predictor. */
export function denseInput(value: RuntimeValue | undefined): DenseValue {
  if (value?.kind !== "dense") throw new TypeError("kernel: a dense value was promised");
  return value;
}

export function sparseInput(value: RuntimeValue | undefined): SparseValue {
  if (value?.kind !== "sparse") throw new TypeError("kernel: a sparse value was promised");
  return value;
}
