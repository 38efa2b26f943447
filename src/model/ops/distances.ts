// distances: how far each row is from each of some points.
// `euclidean` √Σ(x−p)², `squared` Σ(x−p)²/scale, `manhattan` Σ|x−p|, `chebyshev` max|x−p|, `minkowski` (Σ|x−p|^power)^(1/power),
// `canberra` Σ|x−p|/(|x|+|p|) (0/0 is 0), `cosine` 1 − x·p/(|x||p|).
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export type Metric =
  | { readonly name: "euclidean" | "manhattan" | "chebyshev" | "canberra" | "cosine" }
  /** `scales`: one number a point and column; without it, 1. */
  | { readonly name: "squared"; readonly scales?: Float64Array }
  | { readonly name: "minkowski"; readonly power: number };

export interface DistancesOp {
  readonly kind: "distances";
  readonly inputs: readonly [ValueId];
  /** Row-major, `count × width`. */
  readonly points: Float64Array;
  readonly count: number;
  readonly metric: Metric;
}

export const distancesDefinition: OpDefinition<DistancesOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense") throw graphError("distances takes dense numbers");
    if (op.points.length !== op.count * input.width) {
      throw graphError(`distances has ${op.points.length} numbers for ${op.count} points of ${input.width}`);
    }
    const scales = op.metric.name === "squared" ? op.metric.scales : undefined;
    if (scales !== undefined && scales.length !== op.points.length)
      throw graphError("distances has scales of no point");
    return { kind: "dense", width: op.count, number: "f64", names: null };
  },
  describe: (op) => `${op.metric.name} distances to ${op.count} points`,
};
