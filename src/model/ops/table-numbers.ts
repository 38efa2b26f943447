// table_numbers: table → dense. Booleans are 0 and 1, null is NaN; a row with any other cell that is no number is refused.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface TableNumbersOp {
  readonly kind: "table_numbers";
  readonly inputs: readonly [ValueId];
}

export const tableNumbersDefinition: OpDefinition<TableNumbersOp> = {
  resultType(_op, [input]) {
    if (input?.kind !== "table") throw graphError("table_numbers takes a table");
    const names = input.columns.map((column) => column.name);
    return { kind: "dense", width: input.columns.length, number: "f64", names };
  },
  describe: () => "cells as numbers",
};
