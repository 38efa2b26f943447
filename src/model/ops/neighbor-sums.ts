// neighbor_sums: over the neighbours that `neighbors` found, the weighted sums of numbers that a table holds for each point.
// Weights are 1, or the reciprocal distance; a neighbour at distance 0 then silences all that are not. With `mean` the sums
// are divided by the sum of the weights.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface NeighborSumsOp {
  readonly kind: "neighbor_sums";
  /** Distances and places, as `neighbors` answers them. */
  readonly inputs: readonly [ValueId];
  /** Row-major, `points × width`. */
  readonly table: Float64Array;
  readonly width: number;
  readonly weights: "uniform" | "distance";
  readonly mean: boolean;
  /** What a mean is where every neighbour is infinitely far: nothing weighs anything then. */
  readonly nobody: "nan" | "zero" | "refuse";
}

export const neighborSumsDefinition: OpDefinition<NeighborSumsOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense" || input.width % 2 !== 0) throw graphError("neighbor_sums takes neighbours");
    if (op.width < 1 || op.table.length === 0 || op.table.length % op.width !== 0) {
      throw graphError("neighbor_sums has a table of no width");
    }
    return { kind: "dense", width: op.width, number: "f64", names: null };
  },
  describe: (op) => `${op.mean ? "mean" : "sums"} of neighbours, ${op.weights}`,
};
