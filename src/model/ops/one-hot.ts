// one_hot: positions → a sparse row with a 1 at each column's position; a NaN leaves its columns empty.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { NumberType, ValueId } from "../value.ts";

export interface OneHotOp {
  readonly kind: "one_hot";
  readonly inputs: readonly [ValueId];
  /** How many positions each column has. */
  readonly widths: readonly number[];
  readonly number: NumberType;
}

export const oneHotDefinition: OpDefinition<OneHotOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense") throw graphError("one_hot takes dense positions");
    if (op.widths.length !== input.width) throw graphError(`${op.widths.length} widths for ${input.width} columns`);
    const width = op.widths.reduce((sum, each) => sum + each, 0);
    return { kind: "sparse", width, number: op.number, names: null };
  },
  describe: (op) => `one-hot, ${op.widths.join("+")} columns`,
};
