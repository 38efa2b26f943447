// splines: each number → the values of the B-splines of its column, side by side.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface SplineColumn {
  readonly knots: Float64Array;
  /** Row-major, `knots − degree − 1` rows of `splines` numbers: each result is a combination of the basis splines. */
  readonly coefficients: Float64Array;
}

export interface SplinesOp {
  readonly kind: "splines";
  readonly inputs: readonly [ValueId];
  readonly columns: readonly SplineColumn[];
  readonly degree: number;
  /** Results a column. */
  readonly splines: number;
  /** Beyond the inner knots: the value at the border, a straight line, the polynomial itself, the row is refused, or again from the start. */
  readonly outside: "constant" | "linear" | "continue" | "refuse" | "periodic";
  /** Who refuses, for the message. */
  readonly estimator: string;
}

export const splinesDefinition: OpDefinition<SplinesOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense") throw graphError("splines takes dense numbers");
    if (op.columns.length !== input.width) throw graphError(`${op.columns.length} splines for ${input.width} columns`);
    for (const { knots, coefficients } of op.columns) {
      const count = knots.length - op.degree - 1;
      if (!(op.degree >= 0) || count <= op.degree || coefficients.length !== count * op.splines) {
        throw graphError(`splines has ${knots.length} knots and ${coefficients.length} coefficients`);
      }
      if (knots.some((knot, at) => !(knot >= (knots[at - 1] ?? knot))))
        throw graphError("splines has knots that descend");
    }
    return { kind: "dense", width: op.columns.length * op.splines, number: "f64", names: null };
  },
  describe: (op) => `${op.splines} splines of degree ${op.degree} a column`,
};
