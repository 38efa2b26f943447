// log_sum_exp: the logarithm of the sum of each row's exponentials, its largest number taken out before.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface LogSumExpOp {
  readonly kind: "log_sum_exp";
  readonly inputs: readonly [ValueId];
}

export const logSumExpDefinition: OpDefinition<LogSumExpOp> = {
  resultType(_op, [input]) {
    if (input?.kind !== "dense" || input.width === 0) throw graphError("log_sum_exp takes dense numbers");
    return { kind: "dense", width: 1, number: "f64", names: null };
  },
  describe: () => "log of the sum of exponentials",
};
