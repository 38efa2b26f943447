// label: numbers → class labels. `argmax`: the first of the largest numbers of a row (a NaN counts as largest, as numpy
// has it), for each column of the result among as many numbers as it has labels, which lie side by side; `positive`: one number, the second label when it is > 0; `not_negative`: when it is >= 0; `index`: every number
// is itself the position of a label of its column.
import type { Label } from "../../data/predictions.ts";
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface LabelOp {
  readonly kind: "label";
  readonly inputs: readonly [ValueId];
  readonly rule: "argmax" | "positive" | "not_negative" | "index";
  /** The labels of each column of the result (one column, but for `index` and `argmax`). */
  readonly labels: readonly (readonly Label[])[];
}

export const labelDefinition: OpDefinition<LabelOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense") throw graphError("label takes dense numbers");
    const [first] = op.labels;
    if (first === undefined || op.labels.some((labels) => labels.length === 0)) throw graphError("label has no labels");
    if (op.rule === "index") {
      if (op.labels.length !== input.width)
        throw graphError(`${op.labels.length} label lists for ${input.width} columns`);
    } else if (op.rule === "argmax") {
      const count = op.labels.reduce((sum, labels) => sum + labels.length, 0);
      if (count !== input.width) throw graphError(`${count} labels for ${input.width} numbers`);
    } else if (op.labels.length !== 1) throw graphError("label has several columns");
    if ((op.rule === "positive" || op.rule === "not_negative") && (input.width !== 1 || first.length > 2)) {
      throw graphError("two labels need one number");
    }
    return { kind: "label", labels: op.labels };
  },
  describe: (op) => `labels by ${op.rule}, ${op.labels.map((labels) => labels.length).join("+")}`,
};
