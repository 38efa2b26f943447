// select: some columns, in the given order; of a table, of dense or of sparse numbers. A column may be taken twice.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface SelectOp {
  readonly kind: "select";
  readonly inputs: readonly [ValueId];
  readonly columns: Int32Array;
}

export const selectDefinition: OpDefinition<SelectOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "table" && input?.kind !== "dense" && input?.kind !== "sparse") {
      throw graphError("select takes columns");
    }
    const width = input.kind === "table" ? input.columns.length : input.width;
    for (const column of op.columns) {
      if (column < 0 || column >= width) throw graphError(`select takes column ${column} of ${width}`);
    }
    if (input.kind === "table") {
      return { kind: "table", columns: [...op.columns].flatMap((column) => input.columns[column] ?? []) };
    }
    const names = input.names === null ? null : [...op.columns].map((column) => input.names?.[column] ?? "");
    return { kind: input.kind, width: op.columns.length, number: input.number, names };
  },
  describe: (op) => `${op.columns.length} columns`,
};
