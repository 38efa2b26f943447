// quantile_ranks: each number → its place (0 … 1) among the quantiles of its column, by straight lines between them; equal
// quantiles are seen from both sides and averaged. `inverse` goes from a place back to a number.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface QuantileRanksOp {
  readonly kind: "quantile_ranks";
  readonly inputs: readonly [ValueId];
  /** Row-major, `quantiles × columns`, ascending in each column. */
  readonly quantiles: Float64Array;
  /** The place of each quantile, ascending. */
  readonly places: Float64Array;
  /** Numbers nearer than this to the first or last quantile are at the very end. */
  readonly tolerance: number;
  readonly inverse: boolean;
}

export const quantileRanksDefinition: OpDefinition<QuantileRanksOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense") throw graphError("quantile_ranks takes dense numbers");
    if (op.places.length === 0 || op.quantiles.length !== op.places.length * input.width) {
      throw graphError(`${op.quantiles.length} quantiles for ${op.places.length} places of ${input.width} columns`);
    }
    return { ...input, number: "f64" };
  },
  describe: (op) => `${op.inverse ? "numbers at" : "places among"} ${op.places.length} quantiles`,
};
