// row_sum: the sum of each row's numbers, in numpy's pairwise order.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface RowSumOp {
  readonly kind: "row_sum";
  readonly inputs: readonly [ValueId];
}

export const rowSumDefinition: OpDefinition<RowSumOp> = {
  resultType(_op, [input]) {
    if (input?.kind !== "dense") throw graphError("row_sum takes dense numbers");
    return { kind: "dense", width: 1, number: input.number === "f32" ? "f32" : "f64", names: null };
  },
  describe: () => "sum of each row",
};
