// densify: sparse → dense. A column that stands twice in a row is summed, or the last one wins.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface DensifyOp {
  readonly kind: "densify";
  readonly inputs: readonly [ValueId];
  readonly repeated: "sum" | "last";
}

export const densifyDefinition: OpDefinition<DensifyOp> = {
  resultType(_op, [input]) {
    if (input?.kind !== "sparse") throw graphError("densify takes a sparse value");
    return { ...input, kind: "dense" };
  },
  describe: () => "dense",
};
