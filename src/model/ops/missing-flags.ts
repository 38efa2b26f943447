// missing_flags: 1 where a cell is missing, else 0. Rows are refused that miss a cell of certain columns.
import type { Label } from "../../data/predictions.ts";
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface MissingFlagsOp {
  readonly kind: "missing_flags";
  readonly inputs: readonly [ValueId];
  /** What stands for missing; null is NaN and null themselves. */
  readonly missing: Label | null;
  /** Columns in which nothing may be missing. */
  readonly refused: readonly number[];
  /** Who refuses, for the message. */
  readonly estimator: string;
}

export const missingFlagsDefinition: OpDefinition<MissingFlagsOp> = {
  resultType(_op, [input]) {
    if (input?.kind !== "dense" && input?.kind !== "table") throw graphError("missing_flags takes columns");
    const width = input.kind === "dense" ? input.width : input.columns.length;
    const names = input.kind === "dense" ? input.names : input.columns.map((column) => column.name);
    return { kind: "dense", width, number: "bool", names };
  },
  describe: () => "where cells are missing",
};
