// normalize_rows: each number divided by its row's norm: the sum of absolute numbers (l1), the square root of the sum of
// squares (l2), the largest absolute number (max), or the largest number of any sign (largest). A row of zeros stays.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface NormalizeRowsOp {
  readonly kind: "normalize_rows";
  readonly inputs: readonly [ValueId];
  readonly norm: "l1" | "l2" | "max" | "largest";
  /** Rows whose norm lies below stay as they are; those of norm 0 always do. */
  readonly smallest?: number;
}

export const normalizeRowsDefinition: OpDefinition<NormalizeRowsOp> = {
  resultType(_op, [input]) {
    if (input?.kind !== "dense" && input?.kind !== "sparse") throw graphError("normalize_rows takes numbers");
    return input;
  },
  describe: (op) => `divide by the row's ${op.norm} norm`,
};
