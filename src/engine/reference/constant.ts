// constant, plainly.
import type { KernelMaker } from "../kernel.ts";
import { numbersOf } from "../runtime-value.ts";

export const constant: KernelMaker<"constant"> =
  (op) =>
  (_inputs, { rowCount }) => {
    const width = op.numbers.length;
    const values = numbersOf(op.number, rowCount * width);
    for (let row = 0; row < rowCount; row++) values.set(op.numbers, row * width);
    return { kind: "dense", width, values };
  };
