// neighbors: of each row's distances to some points, the `count` smallest in ascending order, followed by the places of
// their points. Equal distances keep the order of the points. A distance that is infinite or NaN chooses nobody: its
// place is 0, as in the libraries whose heap starts that way.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface NeighborsOp {
  readonly kind: "neighbors";
  /** Distances. */
  readonly inputs: readonly [ValueId];
  readonly count: number;
}

export const neighborsDefinition: OpDefinition<NeighborsOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense") throw graphError("neighbors takes dense distances");
    if (!Number.isInteger(op.count) || op.count < 1 || op.count > input.width) {
      throw graphError(`${op.count} neighbours of ${input.width} points`);
    }
    return { kind: "dense", width: 2 * op.count, number: "f64", names: null };
  },
  describe: (op) => `the nearest ${op.count}`,
};
