// weighted_sums: sums that each take some of the columns only, in a given order, then a constant. Unlike affine, a column
// that a sum does not name cannot reach it, not even with an infinity.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface WeightedSumsOp {
  readonly kind: "weighted_sums";
  readonly inputs: readonly [ValueId];
  /** Sum s has the terms `starts[s] … starts[s + 1] − 1`. */
  readonly starts: Int32Array;
  /** One a term. */
  readonly columns: Int32Array;
  readonly weights: Float64Array;
  /** One a sum. */
  readonly constants: Float64Array;
}

export const weightedSumsDefinition: OpDefinition<WeightedSumsOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense") throw graphError("weighted_sums takes dense numbers");
    const terms = op.starts.at(-1) ?? -1;
    const ascends = op.starts.every((start, at) => start >= (op.starts[at - 1] ?? 0));
    const fits = op.columns.length === terms && op.weights.length === terms && ascends;
    if (!fits || op.starts.length !== op.constants.length + 1) throw graphError("weighted_sums has sums of no length");
    if (op.weights.some(Number.isNaN) || op.constants.some(Number.isNaN)) throw graphError("weighted_sums with NaN");
    for (const column of op.columns) {
      if (column < 0 || column >= input.width)
        throw graphError(`weighted_sums takes column ${column} of ${input.width}`);
    }
    return { kind: "dense", width: op.constants.length, number: "f64", names: null };
  },
  describe: (op) => `${op.constants.length} sums of ${op.columns.length} terms`,
};
