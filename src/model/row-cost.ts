// What a row costs a model, roughly, in steps of about a nanosecond: enough to tell work that is worth another thread.
import type { ModelGraph } from "./graph.ts";
import type { Op } from "./op.ts";
import type { ForestOp } from "./ops/forest.ts";

/** All ops, whichever methods are asked. Of what records hold most columns are 0, and cost nothing. */
export function rowCost({ input, ops }: ModelGraph): number {
  return ops.reduce((sum, op) => sum + opCost(op, input.kind === "records"), 0);
}

function opCost(op: Op, isSparse: boolean): number {
  switch (op.kind) {
    case "forest":
      return forestCost(op);
    case "affine":
      return isSparse ? 10 : op.weights.length / 2;
    case "distances":
    case "kernel":
      return op.points.length;
    default:
      return 10;
  }
}

/** Trees × their depth if they were balanced. */
function forestCost({ roots, feature }: ForestOp): number {
  const trees = Math.max(1, roots.length - 1);
  return trees * Math.log2(2 + feature.length / trees);
}
