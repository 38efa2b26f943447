// term_weights, plainly: over the entries of a sparse row, or over a dense row's numbers that are not zero.
import type { TermWeightsOp } from "../../model/ops/term-weights.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";
import { type Numbers, numbersOf } from "../runtime-value.ts";

export const termWeights: KernelMaker<"term_weights"> =
  (op, { result }) =>
  ([input], frame) => {
    const refuse = (row: number) => (): void =>
      frame.refuse(row, { path: "", code: "not_finite", message: "has weights without a finite norm" });
    const number = result.kind === "sparse" || result.kind === "dense" ? result.number : "f64";
    if (input?.kind === "sparse") {
      const { indptr, indices, data } = input;
      const weights = numbersOf(number, data.length);
      weights.set(data);
      for (let row = 0; row < frame.rowCount; row++) {
        weigh(
          op,
          { values: weights, from: indptr[row] as number, to: indptr[row + 1] as number, columns: indices },
          refuse(row),
        );
      }
      return { ...input, data: weights };
    }
    const { width, values: x } = denseInput(input);
    const values = numbersOf(number, x.length);
    values.set(x);
    for (let row = 0; row < frame.rowCount; row++) {
      weigh(op, { values, from: row * width, to: (row + 1) * width, columns: null }, refuse(row));
    }
    return { kind: "dense", width, values };
  };

interface Row {
  readonly values: Numbers;
  readonly from: number;
  readonly to: number;
  /** By entry; null where the entries are all columns. */
  readonly columns: Int32Array | null;
}

function weigh(
  { sublinear, factors, norm }: TermWeightsOp,
  { values, from, to, columns }: Row,
  refuse: () => void,
): void {
  let sum = 0;
  let finite = true;
  for (let at = from; at < to; at++) {
    if (columns === null && values[at] === 0) continue;
    if (sublinear) {
      values[at] = Math.log(values[at] as number);
      values[at] = (values[at] as number) + 1;
    }
    const column = columns === null ? at - from : (columns[at] as number);
    if (factors !== null) values[at] = (values[at] as number) * (factors[column] as number);
    const value = values[at] as number;
    finite &&= Number.isFinite(value);
    // A float32 program rounds the square before it is added to the sum, which is float64.
    sum +=
      norm === "l2" ? (values instanceof Float32Array ? Math.fround(value * value) : value * value) : Math.abs(value);
  }
  if (norm === "none" || sum === 0) return;
  if (!finite) refuse();
  const length = norm === "l2" ? Math.sqrt(sum) : sum;
  for (let at = from; at < to; at++) {
    if (columns !== null || values[at] !== 0) values[at] = (values[at] as number) / length;
  }
}
