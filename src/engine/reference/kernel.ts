// kernel, plainly. Source: Kernel::k_function in libsvm, which raises to a power by repeated squaring.
import type { KernelFunction } from "../../model/ops/kernel.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";
import type { Numbers } from "../runtime-value.ts";

export const kernel: KernelMaker<"kernel"> =
  (op) =>
  ([input], frame) => {
    const { width, values: x } = denseInput(input);
    const values = new Float64Array(frame.rowCount * op.count);
    const measure = op.function.name === "rbf" ? squaredDistance : product;
    for (let row = 0, at = 0; row < frame.rowCount; row++) {
      for (let point = 0; point < op.count; point++) {
        const between = measure(x, op.points, { row: row * width, point: point * width, width });
        values[at++] = kernelOf(op.function, between);
      }
    }
    return { kind: "dense", width: op.count, values };
  };

interface Pair {
  /** Offsets of the two vectors. */
  readonly row: number;
  readonly point: number;
  readonly width: number;
}

function product(x: Numbers, points: Float64Array, { row, point, width }: Pair): number {
  let sum = 0;
  for (let at = 0; at < width; at++) sum += (x[row + at] as number) * (points[point + at] as number);
  return sum;
}

function squaredDistance(x: Numbers, points: Float64Array, { row, point, width }: Pair): number {
  let sum = 0;
  for (let at = 0; at < width; at++) {
    const gap = (x[row + at] as number) - (points[point + at] as number);
    sum += gap * gap;
  }
  return sum;
}

function kernelOf(rule: KernelFunction, between: number): number {
  switch (rule.name) {
    case "linear":
      return between;
    case "poly":
      return wholePower(rule.gamma * between + rule.constant, rule.degree);
    case "sigmoid":
      return Math.tanh(rule.gamma * between + rule.constant);
    case "rbf":
      return Math.exp(-rule.gamma * between);
  }
}

function wholePower(base: number, times: number): number {
  let result = 1;
  for (let left = times, square = base; left > 0; left = Math.floor(left / 2), square *= square) {
    if (left % 2 === 1) result *= square;
  }
  return result;
}
