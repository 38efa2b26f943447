// normalize_sum, plainly.
import { denseInput, type KernelMaker } from "../kernel.ts";
import { pairwiseSum } from "../pairwise-sum.ts";
import { numbersOf } from "../runtime-value.ts";

export const normalizeSum: KernelMaker<"normalize_sum"> =
  (op, { result }) =>
  ([input], frame) => {
    const { width, values: x } = denseInput(input);
    const values = numbersOf(result.kind === "dense" ? result.number : "f64", x.length);
    for (let row = 0; row < frame.rowCount; row++) {
      const start = row * width;
      const sum = pairwiseSum(x, start, width);
      for (let at = start; at < start + width; at++) {
        values[at] = sum === 0 && op.zero === "uniform" ? 1 / width : (x[at] as number) / sum;
      }
    }
    return { kind: "dense", width, values };
  };
