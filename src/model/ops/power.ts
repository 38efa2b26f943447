// power: the power transforms of statistics, each column with its own exponent λ, and their inverses.
//   Box–Cox, x > 0:        (x^λ − 1) / λ, at λ = 0 log x; numbers that are not positive are refused
//   Yeo–Johnson, x ≥ 0:    ((x + 1)^λ − 1) / λ, at λ = 0 log(x + 1)
//                x < 0:   −((1 − x)^(2 − λ) − 1) / (2 − λ), at λ = 2 −log(1 − x)
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface PowerOp {
  readonly kind: "power";
  readonly inputs: readonly [ValueId];
  /** `yeo_johnson_by_logarithm`: powers less 1 as expm1(λ · log1p(x)), which keeps the digits of small numbers. */
  readonly family: "box_cox" | "yeo_johnson" | "yeo_johnson_by_logarithm";
  readonly inverse: boolean;
  /** One a column. */
  readonly exponents: Float64Array;
  /** Who refuses, for the message. */
  readonly estimator: string;
}

export const powerDefinition: OpDefinition<PowerOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense") throw graphError("power takes dense numbers");
    if (op.exponents.length !== input.width) {
      throw graphError(`${op.exponents.length} exponents for ${input.width} columns`);
    }
    return { ...input, number: "f64" };
  },
  describe: (op) => `${op.inverse ? "inverse " : ""}${op.family}`,
};
