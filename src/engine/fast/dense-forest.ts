// cast → require_finite → forest over dense rows in one pass: the kernel's memory rounds the numbers as they are written to it.
import type { CastOp } from "../../model/ops/cast.ts";
import type { ForestOp } from "../../model/ops/forest.ts";
import type { RequireFiniteOp } from "../../model/ops/require-finite.ts";
import { denseInput, type Kernel } from "../kernel.ts";
import type { ForestKernel } from "../kernels/forest-kernel.ts";
import { refuseNumber } from "../reference/require-finite.ts";
import { type Numbers, numbersOf } from "../runtime-value.ts";

export interface DenseForest {
  readonly cast: CastOp;
  readonly finite: RequireFiniteOp;
  readonly forest: ForestOp;
  readonly names: readonly string[] | null;
}

export function denseForest({ cast, finite, forest, names }: DenseForest, kernel: ForestKernel): Kernel {
  const outputs = forest.base.length;
  const float32 = cast.number === "f32";
  return ([input], frame) => {
    const { width, values } = denseInput(input);
    if (!areFinite(values, float32)) {
      for (let at = 0; at < values.length; at++) {
        const value = float32 ? Math.fround(values[at] as number) : (values[at] as number);
        if (Number.isFinite(value)) continue;
        refuseNumber(frame, { row: Math.floor(at / width), column: at % width, value, names, float32, op: finite });
      }
    }
    const out = numbersOf(forest.sum, frame.rowCount * outputs);
    kernel.predictDense(values, frame.rowCount, out);
    return { kind: "dense", width: outputs, values: out };
  };
}

/** Whether all numbers are finite, as float32 where that is asked. Nothing branches on a number: `x − x` is 0 or NaN. */
export function areFinite(values: Numbers, float32: boolean): boolean {
  let sum = 0;
  if (float32) {
    for (let at = 0; at < values.length; at++) {
      const value = Math.fround(values[at] as number);
      sum += value - value;
    }
  } else {
    for (let at = 0; at < values.length; at++) {
      const value = values[at] as number;
      sum += value - value;
    }
  }
  return sum === 0;
}
