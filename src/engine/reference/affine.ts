// affine, plainly: a running sum from zero in column order, then the intercept; in float32 every statement is rounded.
import type { AffineOp } from "../../model/ops/affine.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";
import { type DenseValue, numbersOf, type RuntimeValue, type SparseValue } from "../runtime-value.ts";

export const affine: KernelMaker<"affine"> =
  (op) =>
  ([input], frame): RuntimeValue =>
    input?.kind === "sparse"
      ? sparseAffine(op, input, frame.rowCount)
      : denseAffine(op, denseInput(input), frame.rowCount);

function sparseAffine(op: AffineOp, { indptr, indices, data, width }: SparseValue, rowCount: number): DenseValue {
  const outputs = op.intercept.length;
  const single = op.number === "f32";
  const values = numbersOf(op.number ?? "f64", rowCount * outputs);
  for (let row = 0; row < rowCount; row++) {
    for (let output = 0; output < outputs; output++) {
      let sum = 0;
      for (let at = indptr[row] as number; at < (indptr[row + 1] as number); at++) {
        const weight = op.weights[output * width + (indices[at] as number)] as number;
        sum = single ? singleSum(sum, data[at] as number, weight) : sum + (data[at] as number) * weight;
      }
      values[row * outputs + output] = sum + (op.intercept[output] as number);
    }
  }
  return { kind: "dense", width: outputs, values };
}

function denseAffine(op: AffineOp, { width, values: x }: DenseValue, rowCount: number): DenseValue {
  const outputs = op.intercept.length;
  const single = op.number === "f32";
  const values = numbersOf(op.number ?? "f64", rowCount * outputs);
  for (let row = 0; row < rowCount; row++) {
    for (let output = 0; output < outputs; output++) {
      let sum = 0;
      for (let column = 0; column < width; column++) {
        const cell = x[row * width + column] as number;
        const weight = op.weights[output * width + column] as number;
        sum = single ? singleSum(sum, cell, weight) : sum + cell * weight;
      }
      values[row * outputs + output] = sum + (op.intercept[output] as number);
    }
  }
  return { kind: "dense", width: outputs, values };
}

/** One term more, as a float32 program adds it. */
function singleSum(sum: number, cell: number, weight: number): number {
  return Math.fround(sum + Math.fround(cell * weight));
}
