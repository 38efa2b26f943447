// weighted_median: of a row's numbers in ascending order, the first at which their weights, added in that order, reach half
// of all. Source: sklearn/ensemble/_weight_boosting.py.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface WeightedMedianOp {
  readonly kind: "weighted_median";
  readonly inputs: readonly [ValueId];
  /** One a column. */
  readonly weights: Float64Array;
}

export const weightedMedianDefinition: OpDefinition<WeightedMedianOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense") throw graphError("weighted_median takes dense numbers");
    if (op.weights.length !== input.width || input.width === 0) {
      throw graphError(`${op.weights.length} weights for ${input.width} columns`);
    }
    return { kind: "dense", width: 1, number: input.number, names: null };
  },
  describe: (op) => `weighted median of ${op.weights.length}`,
};
