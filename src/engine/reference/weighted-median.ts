// weighted_median, plainly. The order of equal numbers is that of their columns; a NaN comes last, as numpy sorts it.
import { denseInput, type KernelMaker } from "../kernel.ts";
import { type Numbers, numbersOf } from "../runtime-value.ts";

export const weightedMedian: KernelMaker<"weighted_median"> = ({ weights }, { result }) => {
  const sums = new Float64Array(weights.length);
  return ([input], frame) => {
    const { width, values: x } = denseInput(input);
    const values = numbersOf(result.kind === "dense" ? result.number : "f64", frame.rowCount);
    for (let row = 0; row < frame.rowCount; row++) {
      values[row] = medianOf(x.subarray(row * width, (row + 1) * width), weights, sums);
    }
    return { kind: "dense", width: 1, values };
  };
};

function medianOf(numbers: Numbers, weights: Float64Array, sums: Float64Array): number {
  const order = Array.from(numbers.keys()).sort((a, b) => compare(numbers[a] as number, numbers[b] as number));
  let sum = 0;
  for (const [at, column] of order.entries()) {
    sum += weights[column] as number;
    sums[at] = sum;
  }
  const place = sums.findIndex((each) => each >= 0.5 * sum);
  return numbers[order[Math.max(0, place)] as number] as number;
}

function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}
