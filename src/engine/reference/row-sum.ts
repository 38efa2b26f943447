// row_sum, plainly.
import { denseInput, type KernelMaker } from "../kernel.ts";
import { pairwiseSum } from "../pairwise-sum.ts";
import { numbersOf } from "../runtime-value.ts";

export const rowSum: KernelMaker<"row_sum"> =
  (_op, { result }) =>
  ([input], frame) => {
    const { width, values: x } = denseInput(input);
    const values = numbersOf(result.kind === "dense" ? result.number : "f64", frame.rowCount);
    for (let row = 0; row < frame.rowCount; row++) values[row] = pairwiseSum(x, row * width, width);
    return { kind: "dense", width: 1, values };
  };
