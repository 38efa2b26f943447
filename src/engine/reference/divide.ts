// divide, plainly.
import { denseInput, type KernelMaker } from "../kernel.ts";

export const divide: KernelMaker<"divide"> =
  (op) =>
  ([input]) => {
    const { width, values } = denseInput(input);
    const result = new Float64Array(values.length);
    for (let i = 0; i < values.length; i++) result[i] = (values[i] as number) / op.divisor;
    return { kind: "dense", width, values: result };
  };
