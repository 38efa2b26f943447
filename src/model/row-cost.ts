// What a row costs a model, roughly, in steps of about a nanosecond: enough to tell work that is worth another thread.
import type { ModelGraph } from "./graph.ts";
import type { Op } from "./op.ts";
import type { ForestOp } from "./ops/forest.ts";

/** All ops, whichever methods are asked. */
export function rowCost(graph: ModelGraph): number {
  return graph.ops.reduce((sum, op) => sum + opCost(op), 0);
}

function opCost(op: Op): number {
  switch (op.kind) {
    case "forest":
      return forestCost(op);
    case "affine":
      return op.weights.length / 2;
    case "distances":
    case "kernel":
      return op.points.length;
    default:
      return 10;
  }
}

/** Trees × their depth if they were balanced, twice for what grown trees are deeper. */
function forestCost({ roots, feature }: ForestOp): number {
  const trees = Math.max(1, roots.length - 1);
  return trees * 2 * Math.log2(2 + feature.length / trees);
}
