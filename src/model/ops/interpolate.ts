// interpolate: straight lines between given points; one number a row. Beyond the first and last point: their own answer
// (`clip`), NaN (`nan`), or the row is refused (`refuse`).
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface InterpolateOp {
  readonly kind: "interpolate";
  readonly inputs: readonly [ValueId];
  /** Ascending. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly outside: "clip" | "nan" | "refuse";
  /** Who refuses, for the message. */
  readonly estimator: string;
}

export const interpolateDefinition: OpDefinition<InterpolateOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense" || input.width !== 1) throw graphError("interpolate takes one number");
    if (op.x.length === 0 || op.x.length !== op.y.length) throw graphError("interpolate has no points");
    if (op.x.some((value, at) => !(value >= (op.x[at - 1] ?? value))))
      throw graphError("interpolate has points that descend");
    return { ...input, number: "f64", names: null };
  },
  describe: (op) => `lines between ${op.x.length} points`,
};
