// What every op says of itself: the type of its result, checked against its inputs, and a line for `describe`.
import { type TrimaranError, trimaranError } from "../base/errors.ts";
import type { ValueType } from "./value.ts";

export interface OpDefinition<AnyOp> {
  /** @throws MODEL_GRAPH when the op does not fit its inputs or is not sound in itself */
  resultType(op: AnyOp, inputs: readonly ValueType[]): ValueType;
  describe(op: AnyOp): string;
}

export function graphError(problem: string): TrimaranError {
  return trimaranError("MODEL_GRAPH", { problem });
}
