// densify, plainly.
import { type KernelMaker, sparseInput } from "../kernel.ts";
import { numbersOf } from "../runtime-value.ts";

export const densify: KernelMaker<"densify"> =
  (op, { result }) =>
  ([input], frame) => {
    const { width, indptr, indices, data } = sparseInput(input);
    const values = numbersOf(result.kind === "dense" ? result.number : "f64", frame.rowCount * width);
    for (let row = 0; row < frame.rowCount; row++) {
      for (let at = indptr[row] as number; at < (indptr[row + 1] as number); at++) {
        const cell = row * width + (indices[at] as number);
        const value = data[at] as number;
        values[cell] = op.repeated === "sum" ? (values[cell] as number) + value : value;
      }
    }
    return { kind: "dense", width, values };
  };
