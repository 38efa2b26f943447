// combine: two values, cell by cell. The second may be one column wide, which then meets every column of the first.
// `logaddexp` is the logarithm of the sum of both exponentials.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface CombineOp {
  readonly kind: "combine";
  readonly inputs: readonly [ValueId, ValueId];
  readonly function: "add" | "subtract" | "multiply" | "divide" | "logaddexp";
}

export const combineDefinition: OpDefinition<CombineOp> = {
  resultType(op, [first, second]) {
    if (first?.kind !== "dense" || second?.kind !== "dense") throw graphError("combine takes dense numbers");
    if (second.width !== 1 && second.width !== first.width) {
      throw graphError(`${op.function} of ${first.width} columns and ${second.width}`);
    }
    const number = first.number === "f32" && second.number === "f32" ? "f32" : "f64";
    return { kind: "dense", width: first.width, number, names: null };
  },
  describe: (op) => `${op.function}, cell by cell`,
};
