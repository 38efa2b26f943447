// constant: the same numbers for every row, whatever the row is.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { NumberType, ValueId } from "../value.ts";

export interface ConstantOp {
  readonly kind: "constant";
  /** Read for nothing but the number of rows. */
  readonly inputs: readonly [ValueId];
  readonly numbers: Float64Array;
  readonly number: NumberType;
}

export const constantDefinition: OpDefinition<ConstantOp> = {
  resultType(op) {
    if (op.numbers.length === 0) throw graphError("constant has no numbers");
    return { kind: "dense", width: op.numbers.length, number: op.number, names: null };
  },
  describe: (op) => (op.numbers.length === 1 ? "a constant" : `${op.numbers.length} constants`),
};
