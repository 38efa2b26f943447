// affine, plainly: a running sum from zero in column order, then the intercept.
import type { AffineOp } from "../../model/ops/affine.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";
import type { DenseValue, RuntimeValue, SparseValue } from "../runtime-value.ts";

export const affine: KernelMaker<"affine"> =
  (op) =>
  ([input], frame): RuntimeValue =>
    input?.kind === "sparse"
      ? sparseAffine(op, input, frame.rowCount)
      : denseAffine(op, denseInput(input), frame.rowCount);

function sparseAffine(op: AffineOp, { indptr, indices, data, width }: SparseValue, rowCount: number): DenseValue {
  const outputs = op.intercept.length;
  const values = new Float64Array(rowCount * outputs);
  for (let row = 0; row < rowCount; row++) {
    for (let output = 0; output < outputs; output++) {
      let sum = 0;
      for (let at = indptr[row] as number; at < (indptr[row + 1] as number); at++) {
        sum += (data[at] as number) * (op.weights[output * width + (indices[at] as number)] as number);
      }
      values[row * outputs + output] = sum + (op.intercept[output] as number);
    }
  }
  return { kind: "dense", width: outputs, values };
}

function denseAffine(op: AffineOp, { width, values: x }: DenseValue, rowCount: number): DenseValue {
  const outputs = op.intercept.length;
  const values = new Float64Array(rowCount * outputs);
  for (let row = 0; row < rowCount; row++) {
    for (let output = 0; output < outputs; output++) {
      let sum = 0;
      for (let column = 0; column < width; column++) {
        sum += (x[row * width + column] as number) * (op.weights[output * width + column] as number);
      }
      values[row * outputs + output] = sum + (op.intercept[output] as number);
    }
  }
  return { kind: "dense", width: outputs, values };
}
