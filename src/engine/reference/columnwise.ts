// columnwise, plainly. Storing into a Float32Array after every step rounds as numpy does between statements.
import type { ColumnStepKind } from "../../model/ops/columnwise.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";
import { numbersOf } from "../runtime-value.ts";

const stepFunctions: { readonly [Kind in ColumnStepKind]: (x: number, by: number) => number } = {
  add: (x, by) => x + by,
  subtract: (x, by) => x - by,
  multiply: (x, by) => x * by,
  divide: (x, by) => x / by,
  maximum: (x, by) => (x > by || Number.isNaN(x) ? x : by),
  minimum: (x, by) => (x < by || Number.isNaN(x) ? x : by),
  replace_zero: (x, by) => (x === 0 ? by : x),
  greater: (x, by) => (x > by ? 1 : 0),
};

export const columnwise: KernelMaker<"columnwise"> =
  (op) =>
  ([input]) => {
    if (input?.kind === "sparse") {
      const data = numbersOf(op.number, input.data.length);
      data.set(input.data);
      for (const { step, values: by } of op.steps) {
        const apply = stepFunctions[step];
        for (let at = 0; at < data.length; at++) {
          data[at] = apply(data[at] as number, by[by.length === 1 ? 0 : (input.indices[at] as number)] as number);
        }
      }
      return { ...input, data };
    }
    const { width, values: x } = denseInput(input);
    const values = numbersOf(op.number, x.length);
    values.set(x);
    for (const { step, values: by } of op.steps) {
      const apply = stepFunctions[step];
      for (let at = 0; at < values.length; at++) {
        values[at] = apply(values[at] as number, by[by.length === 1 ? 0 : at % width] as number);
      }
    }
    return { kind: "dense", width, values };
  };
