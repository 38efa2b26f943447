// term_weights: counts → weights, zeros apart: 1 + log(count) when `sublinear`, times a factor a column, divided by the row's
// norm (of which a zero divides by nothing).
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface TermWeightsOp {
  readonly kind: "term_weights";
  readonly inputs: readonly [ValueId];
  readonly sublinear: boolean;
  /** One a column. */
  readonly factors: Float64Array | null;
  readonly norm: "none" | "l1" | "l2";
}

export const termWeightsDefinition: OpDefinition<TermWeightsOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense" && input?.kind !== "sparse") throw graphError("term_weights takes numbers");
    if (op.factors !== null && op.factors.length !== input.width) {
      throw graphError(`${op.factors.length} factors for ${input.width} columns`);
    }
    return { ...input, number: input.number === "f32" ? "f32" : "f64" };
  },
  describe: (op) => `${op.factors === null ? "" : "inverse document frequency, "}norm ${op.norm}`,
};
