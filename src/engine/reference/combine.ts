// combine, plainly.
import type { CombineOp } from "../../model/ops/combine.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";
import { numbersOf } from "../runtime-value.ts";

const functions: { readonly [Name in CombineOp["function"]]: (a: number, b: number) => number } = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  logaddexp: logAddExp,
};

export const combine: KernelMaker<"combine"> = (op, { result }) => {
  const apply = functions[op.function];
  const number = result.kind === "dense" ? result.number : "f64";
  return ([first, second]) => {
    const { width, values: a } = denseInput(first);
    const { width: step, values: b } = denseInput(second);
    const values = numbersOf(number, a.length);
    for (let at = 0; at < a.length; at++) {
      values[at] = apply(a[at] as number, b[step === 1 ? Math.floor(at / width) : at] as number);
    }
    return { kind: "dense", width, values };
  };
};

/** The larger number plus what the smaller adds, as numpy has it; two equal ones (infinities too) are doubled. */
function logAddExp(a: number, b: number): number {
  if (a === b) return a + Math.LN2;
  const gap = a - b;
  return gap > 0 ? a + Math.log1p(Math.exp(-gap)) : b + Math.log1p(Math.exp(gap));
}
