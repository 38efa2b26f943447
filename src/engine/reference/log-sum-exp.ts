// log_sum_exp, plainly. An infinite largest number counts as 0, as scipy has it, so that the sum itself decides.
import { denseInput, type KernelMaker } from "../kernel.ts";
import { pairwiseSum } from "../pairwise-sum.ts";

export const logSumExp: KernelMaker<"log_sum_exp"> =
  () =>
  ([input], frame) => {
    const { width, values: x } = denseInput(input);
    const values = new Float64Array(frame.rowCount);
    const powers = new Float64Array(width);
    for (let row = 0; row < frame.rowCount; row++) {
      let largest = Number.NEGATIVE_INFINITY;
      for (let at = 0; at < width; at++) largest = Math.max(largest, x[row * width + at] as number);
      if (!Number.isFinite(largest)) largest = 0;
      for (let at = 0; at < width; at++) powers[at] = Math.exp((x[row * width + at] as number) - largest);
      values[row] = Math.log(pairwiseSum(powers, 0, width)) + largest;
    }
    return { kind: "dense", width: 1, values };
  };
