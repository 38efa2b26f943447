// divide: every number divided by one divisor (the mean of a forest is its sum divided once).
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface DivideOp {
  readonly kind: "divide";
  readonly inputs: readonly [ValueId];
  readonly divisor: number;
}

export const divideDefinition: OpDefinition<DivideOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense") throw graphError("divide takes dense numbers");
    if (!Number.isFinite(op.divisor) || op.divisor === 0) throw graphError(`divide by ${op.divisor}`);
    return { ...input, number: "f64", names: null };
  },
  describe: (op) => `divide by ${op.divisor}`,
};
