// nearest_fill: a missing number (NaN) becomes the mean of its column over the nearest of the given points that have one.
// Distances look at the coordinates that both have: the square root of width / (number of them) · the sum of squares.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface NearestFillOp {
  readonly kind: "nearest_fill";
  readonly inputs: readonly [ValueId];
  /** Row-major, as wide as the input; NaN is missing. */
  readonly points: Float64Array;
  readonly neighbors: number;
  /** `distance`: nearer ones weigh more, by 1 / distance; those at distance 0 alone where there are any. */
  readonly weights: "uniform" | "distance";
}

export const nearestFillDefinition: OpDefinition<NearestFillOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense") throw graphError("nearest_fill takes dense numbers");
    if (op.neighbors < 1 || input.width === 0 || op.points.length % input.width !== 0) {
      throw graphError("nearest_fill has points of another width");
    }
    return { ...input, number: "f64" };
  },
  describe: (op) => `fill by the mean of ${op.neighbors} neighbors`,
};
