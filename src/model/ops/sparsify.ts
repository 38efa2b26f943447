// sparsify: dense → sparse; zeros of either sign are left out.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface SparsifyOp {
  readonly kind: "sparsify";
  readonly inputs: readonly [ValueId];
}

export const sparsifyDefinition: OpDefinition<SparsifyOp> = {
  resultType(_op, [input]) {
    if (input?.kind !== "dense") throw graphError("sparsify takes dense numbers");
    return { ...input, kind: "sparse" };
  },
  describe: () => "sparse",
};
