// join_columns: tables and dense numbers side by side, as one table of cells.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { TableColumnType, ValueId } from "../value.ts";

export interface JoinColumnsOp {
  readonly kind: "join_columns";
  readonly inputs: readonly ValueId[];
}

export const joinColumnsDefinition: OpDefinition<JoinColumnsOp> = {
  resultType(_op, inputs) {
    const columns = inputs.flatMap((input): readonly TableColumnType[] => {
      if (input.kind === "table") return input.columns;
      if (input.kind !== "dense") throw graphError("join_columns takes tables and dense numbers");
      const isBoolean = input.number === "bool";
      return Array.from({ length: input.width }, (_, at) => ({
        name: input.names?.[at] ?? String(at),
        kind: isBoolean ? ("cell" as const) : ("number" as const),
      }));
    });
    return { kind: "table", columns };
  },
  describe: (op) => `columns of ${op.inputs.length} values as one table`,
};
