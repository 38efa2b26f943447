// kernel: how near each row is to each of some points, by a function of their product or distance:
// `linear` x·p, `poly` (gamma x·p + constant)^degree, `sigmoid` tanh(gamma x·p + constant), `rbf` exp(−gamma |x − p|²).
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export type KernelFunction =
  | { readonly name: "linear" }
  /** The degree is a whole number of 0 or more. */
  | { readonly name: "poly"; readonly gamma: number; readonly constant: number; readonly degree: number }
  | { readonly name: "sigmoid"; readonly gamma: number; readonly constant: number }
  | { readonly name: "rbf"; readonly gamma: number };

export interface KernelOp {
  readonly kind: "kernel";
  readonly inputs: readonly [ValueId];
  /** Row-major, `count × width`. */
  readonly points: Float64Array;
  readonly count: number;
  readonly function: KernelFunction;
}

export const kernelDefinition: OpDefinition<KernelOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense") throw graphError("kernel takes dense numbers");
    if (op.points.length !== op.count * input.width) {
      throw graphError(`kernel has ${op.points.length} numbers for ${op.count} points of ${input.width}`);
    }
    if (op.function.name === "poly" && !(Number.isInteger(op.function.degree) && op.function.degree >= 0)) {
      throw graphError("the degree of a kernel is a whole number");
    }
    return { kind: "dense", width: op.count, number: "f64", names: null };
  },
  describe: (op) => `${op.function.name}, ${op.count} points`,
};
