// softmax, plainly; on float32 each step is rounded to it. Source: sklearn/utils/extmath.py, xgboost/src/common/math.h.
import { denseInput, type KernelMaker } from "../kernel.ts";
import { pairwiseSum } from "../pairwise-sum.ts";
import { numbersOf } from "../runtime-value.ts";

export const softmax: KernelMaker<"softmax"> =
  (_op, { result }) =>
  ([input], frame) => {
    const { width, values: x } = denseInput(input);
    const values = numbersOf(result.kind === "dense" ? result.number : "f64", x.length);
    for (let row = 0; row < frame.rowCount; row++) {
      const start = row * width;
      let largest = Number.NEGATIVE_INFINITY;
      for (let at = 0; at < width; at++) largest = Math.max(largest, x[start + at] as number);
      for (let at = 0; at < width; at++) values[start + at] = (x[start + at] as number) - largest;
      for (let at = 0; at < width; at++) values[start + at] = Math.exp(values[start + at] as number);
      const total = pairwiseSum(values, start, width);
      const sum = values instanceof Float32Array ? Math.fround(total) : total;
      for (let at = 0; at < width; at++) values[start + at] = (values[start + at] as number) / sum;
    }
    return { kind: "dense", width, values };
  };
