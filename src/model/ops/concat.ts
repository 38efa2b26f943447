// concat: numbers side by side. Dense, unless every input is sparse; float32 only where every input is.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { NumericType, ValueId } from "../value.ts";

export interface ConcatOp {
  readonly kind: "concat";
  readonly inputs: readonly ValueId[];
}

export const concatDefinition: OpDefinition<ConcatOp> = {
  resultType(_op, inputs) {
    const types = inputs.map((input): NumericType => {
      if (input.kind !== "dense" && input.kind !== "sparse") throw graphError("concat takes numbers");
      return input;
    });
    const [first] = types;
    if (first === undefined) throw graphError("concat of nothing");
    const same = types.every((type) => type.number === first.number);
    const names = types.every((type) => type.names !== null) ? types.flatMap((type) => type.names ?? []) : null;
    return {
      kind: types.every((type) => type.kind === "sparse") ? "sparse" : "dense",
      width: types.reduce((sum, type) => sum + type.width, 0),
      number: same ? first.number : "f64",
      names,
    };
  },
  describe: (op) => `${op.inputs.length} values side by side`,
};
