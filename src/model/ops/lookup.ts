// lookup: a label → the row of numbers that a table holds for it (the votes of a classifier, say).
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface LookupOp {
  readonly kind: "lookup";
  readonly inputs: readonly [ValueId];
  readonly width: number;
  /** Row-major, one row of `width` numbers for each label of the input's only column. */
  readonly table: Float64Array;
  /** @default "f64" */
  readonly number?: "f64" | "i64";
}

export const lookupDefinition: OpDefinition<LookupOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "label" || input.labels.length !== 1) throw graphError("lookup takes one column of labels");
    const count = input.labels[0]?.length ?? 0;
    if (op.table.length !== count * op.width) {
      throw graphError(`lookup has ${op.table.length} numbers for ${count} labels`);
    }
    return { kind: "dense", width: op.width, number: op.number ?? "f64", names: null };
  },
  describe: (op) => `${op.width} numbers a label`,
};
