// softmax: each row's exponentials, its largest number subtracted before, divided by their sum. The sum runs in numpy's
// pairwise order, which matters from eight columns on.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface SoftmaxOp {
  readonly kind: "softmax";
  readonly inputs: readonly [ValueId];
}

export const softmaxDefinition: OpDefinition<SoftmaxOp> = {
  resultType(_op, [input]) {
    if (input?.kind !== "dense") throw graphError("softmax takes dense numbers");
    return { ...input, names: null };
  },
  describe: () => "softmax",
};
