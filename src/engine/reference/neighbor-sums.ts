// neighbor_sums, plainly. numpy adds the terms of one column up along the last axis, hence pairwise.
import { denseInput, type KernelMaker } from "../kernel.ts";
import { pairwiseSum } from "../pairwise-sum.ts";
import type { Numbers } from "../runtime-value.ts";

export const neighborSums: KernelMaker<"neighbor_sums"> =
  ({ table, width, weights: rule, mean, nobody }) =>
  ([input], frame) => {
    const { width: both, values: found } = denseInput(input);
    const count = both / 2;
    const values = new Float64Array(frame.rowCount * width);
    const weights = new Float64Array(count).fill(1);
    const terms = new Float64Array(count);
    for (let row = 0; row < frame.rowCount; row++) {
      if (rule === "distance") reciprocals(found, row * both, weights);
      const sum = pairwiseSum(weights, 0, count);
      const total = mean && !(sum === 0 && nobody === "zero") ? sum : 1;
      if (sum === 0 && nobody === "refuse") {
        frame.refuse(row, {
          path: "",
          code: "out_of_range",
          message: "has no neighbours: no row of the fit is near enough to count",
        });
      }
      for (let column = 0; column < width; column++) {
        for (let at = 0; at < count; at++) {
          const place = found[row * both + count + at] as number;
          terms[at] = (table[place * width + column] as number) * (weights[at] as number);
        }
        values[row * width + column] = pairwiseSum(terms, 0, count) / total;
      }
    }
    return { kind: "dense", width, values };
  };

function reciprocals(found: Numbers, from: number, weights: Float64Array): void {
  let meets = false;
  for (let at = 0; at < weights.length; at++) {
    weights[at] = 1 / (found[from + at] as number);
    meets ||= weights[at] === Number.POSITIVE_INFINITY;
  }
  if (meets) for (const [at, weight] of weights.entries()) weights[at] = weight === Number.POSITIVE_INFINITY ? 1 : 0;
}
