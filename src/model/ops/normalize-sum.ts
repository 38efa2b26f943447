// normalize_sum: each number divided by the sum of its row, in numpy's pairwise order. A row that sums to zero becomes
// NaN, as the division has it, or uniform.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface NormalizeSumOp {
  readonly kind: "normalize_sum";
  readonly inputs: readonly [ValueId];
  readonly zero: "nan" | "uniform";
}

export const normalizeSumDefinition: OpDefinition<NormalizeSumOp> = {
  resultType(_op, [input]) {
    if (input?.kind !== "dense") throw graphError("normalize_sum takes dense numbers");
    return { ...input, names: null };
  },
  describe: (op) =>
    op.zero === "nan" ? "divide by the row's sum" : "divide by the row's sum, uniform where that is 0",
};
