// couple_pairs: probabilities of each pair of classes (the first against the second, pairs in order) → one probability a
// class. Source: Wu, Lin, Weng, "Probability estimates for multi-class classification by pairwise coupling", algorithm 2.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface CouplePairsOp {
  readonly kind: "couple_pairs";
  readonly inputs: readonly [ValueId];
  readonly classes: number;
  /** Pairs are kept this far from 0 and 1 first; a NaN counts as 0. */
  readonly margin: number;
}

export const couplePairsDefinition: OpDefinition<CouplePairsOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense") throw graphError("couple_pairs takes dense numbers");
    if (op.classes < 2 || input.width !== (op.classes * (op.classes - 1)) / 2) {
      throw graphError(`${input.width} pairs of ${op.classes} classes`);
    }
    return { kind: "dense", width: op.classes, number: "f64", names: null };
  },
  describe: (op) => `pairs to ${op.classes} probabilities`,
};
