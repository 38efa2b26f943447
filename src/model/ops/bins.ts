// bins: each number → how many of its column's inner edges do not lie above it.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface BinsOp {
  readonly kind: "bins";
  readonly inputs: readonly [ValueId];
  /** Ascending, one list a column. */
  readonly edges: readonly Float64Array[];
  /** `nudged`: a number is first moved up by 1e-8 + 1e-5 · |x|, so that one just below an edge counts as on it. */
  readonly rule: "plain" | "nudged";
}

export const binsDefinition: OpDefinition<BinsOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense") throw graphError("bins takes dense numbers");
    if (op.edges.length !== input.width)
      throw graphError(`${op.edges.length} lists of edges for ${input.width} columns`);
    return { ...input, number: "f64" };
  },
  describe: (op) => `bins, ${op.edges.map((edges) => edges.length + 1).join("+")}`,
};
