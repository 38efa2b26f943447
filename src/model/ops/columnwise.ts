// columnwise: arithmetic steps, one after another, each with one number a column (or one for all). Every step rounds to
// the number type before the next, as numpy's own statements do.
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

/** `maximum` and `minimum` hand a NaN through, as numpy does; `replace_zero` puts the number where a zero is; `greater` is 1 or 0. */
export type ColumnStepKind =
  | "add"
  | "subtract"
  | "multiply"
  | "divide"
  | "maximum"
  | "minimum"
  | "replace_zero"
  | "greater";

export interface ColumnStep {
  readonly step: ColumnStepKind;
  /** One number a column, or a single one for all. */
  readonly values: Float64Array;
}

export interface ColumnwiseOp {
  readonly kind: "columnwise";
  readonly inputs: readonly [ValueId];
  readonly steps: readonly ColumnStep[];
  /** The type that steps compute in and that the result has. */
  readonly number: "f64" | "f32";
}

/** Steps that a sparse value takes, as they leave zeros alone: each stored number is touched by itself. */
function keepsZeros({ step, values }: ColumnStep): boolean {
  return step === "multiply" || step === "divide" || (step === "greater" && values.every((value) => value >= 0));
}

export const columnwiseDefinition: OpDefinition<ColumnwiseOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense" && input?.kind !== "sparse") throw graphError("columnwise takes numbers");
    if (input.kind === "sparse" && !op.steps.every(keepsZeros)) {
      throw graphError("columnwise would move the zeros of a sparse value");
    }
    for (const { step, values } of op.steps) {
      if (values.length !== 1 && values.length !== input.width) {
        throw graphError(`${step} has ${values.length} numbers for ${input.width} columns`);
      }
    }
    return { ...input, number: op.number };
  },
  describe: (op) => op.steps.map(({ step }) => step).join(", ") || "as it is",
};
