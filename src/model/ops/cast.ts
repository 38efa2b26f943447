// cast: numbers rounded to another type (nearest even; float32 overflow gives an infinity). On a sparse value, names
// that occur twice are summed, as scipy's astype does: before the rounding or after it; or their row is refused, where the
// library's answer would depend on how the row is stored.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface CastOp {
  readonly kind: "cast";
  readonly inputs: readonly [ValueId];
  readonly number: "f64" | "f32";
  readonly repeated: "sum_then_cast" | "cast_then_sum" | "refuse";
}

export const castDefinition: OpDefinition<CastOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense" && input?.kind !== "sparse") throw graphError("cast takes numbers");
    return { ...input, number: op.number };
  },
  describe: (op) => `to ${op.number}`,
};
