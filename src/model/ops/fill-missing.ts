// fill_missing: each column's own value where a cell is missing (NaN, null), or where it equals a given value that stands
// for missing. All other cells stay as they are.
import type { Label } from "../../data/predictions.ts";
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface FillMissingOp {
  readonly kind: "fill_missing";
  readonly inputs: readonly [ValueId];
  /** What stands for missing; null is NaN and null themselves. */
  readonly missing: Label | null;
  /** One a column (one for all where their count is not known); null fills with null (NaN). Numbers, where the input is dense. */
  readonly fills: readonly (Label | null)[];
  /** Who refuses a row with NaN or null, where something else stands for missing; left out: nobody does. */
  readonly estimator?: string;
}

export const fillMissingDefinition: OpDefinition<FillMissingOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense" && input?.kind !== "table") throw graphError("fill_missing takes columns");
    const width = input.kind === "dense" ? input.width : input.columns.length;
    const isOpen = input.kind === "dense" && input.anyWidth === true;
    if (op.fills.length !== (isOpen ? 1 : width)) throw graphError(`${op.fills.length} fills for ${width} columns`);
    const isText = (label: Label | null): boolean => label?.type === "string";
    if (input.kind === "dense") {
      if (op.fills.some(isText)) throw graphError("fill_missing fills numbers with text");
      return input;
    }
    const columns = input.columns.map((column, at) =>
      isText(op.fills[at] ?? null) ? { ...column, kind: "cell" as const } : column,
    );
    return { kind: "table", columns };
  },
  describe: (op) => `fill missing cells of ${op.fills.length} columns`,
};
