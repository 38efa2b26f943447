// lookup, plainly.
import type { KernelMaker } from "../kernel.ts";

export const lookup: KernelMaker<"lookup"> =
  ({ table, width }) =>
  ([input]) => {
    if (input?.kind !== "label") throw new TypeError("kernel: labels were promised");
    const values = new Float64Array(input.codes.length * width);
    for (const [row, code] of input.codes.entries()) {
      values.set(table.subarray(code * width, (code + 1) * width), row * width);
    }
    return { kind: "dense", width, values };
  };
