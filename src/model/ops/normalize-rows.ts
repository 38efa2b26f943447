// normalize_rows: each number divided by its row's norm: the sum of absolute numbers (l1), the square root of the sum of
// squares (l2), or the largest absolute number (max). A row of zeros stays.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface NormalizeRowsOp {
  readonly kind: "normalize_rows";
  readonly inputs: readonly [ValueId];
  readonly norm: "l1" | "l2" | "max";
}

export const normalizeRowsDefinition: OpDefinition<NormalizeRowsOp> = {
  resultType(_op, [input]) {
    if (input?.kind !== "dense" && input?.kind !== "sparse") throw graphError("normalize_rows takes numbers");
    return input;
  },
  describe: (op) => `divide by the row's ${op.norm} norm`,
};
