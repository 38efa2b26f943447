// weighted_sums, plainly: a running sum from zero in the order of the terms, then the constant.
import { denseInput, type KernelMaker } from "../kernel.ts";

export const weightedSums: KernelMaker<"weighted_sums"> =
  ({ starts, columns, weights, constants }) =>
  ([input], frame) => {
    const { width, values: x } = denseInput(input);
    const sums = constants.length;
    const values = new Float64Array(frame.rowCount * sums);
    for (let row = 0; row < frame.rowCount; row++) {
      for (let at = 0; at < sums; at++) {
        let sum = 0;
        for (let term = starts[at] as number; term < (starts[at + 1] as number); term++) {
          sum += (weights[term] as number) * (x[row * width + (columns[term] as number)] as number);
        }
        values[row * sums + at] = sum + (constants[at] as number);
      }
    }
    return { kind: "dense", width: sums, values };
  };
