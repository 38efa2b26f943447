// require_finite: the value itself, with rows refused that hold NaN or an infinity. What a library refuses, we refuse.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface RequireFiniteOp {
  readonly kind: "require_finite";
  readonly inputs: readonly [ValueId];
  readonly allowNaN: boolean;
  readonly allowInfinite: boolean;
  /** Who refuses, for the message: `LinearRegression`. */
  readonly estimator: string;
}

export const requireFiniteDefinition: OpDefinition<RequireFiniteOp> = {
  resultType(_op, [input]) {
    if (input?.kind !== "dense" && input?.kind !== "sparse") throw graphError("require_finite takes numbers");
    return input;
  },
  describe: (op) => (op.allowNaN ? "refuse infinities" : "refuse NaN and infinities"),
};
