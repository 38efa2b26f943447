// category_numbers: each cell → the number that its column's table holds for it. Cells are compared as Python compares
// them: 1, 1.0 and true are equal, a number is no string. A missing cell (null, NaN) and a cell that is no category have
// numbers of their own, or their row is refused.
import type { Label } from "../../data/predictions.ts";
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { NumberType, ValueId } from "../value.ts";

export interface CategoryTable {
  readonly categories: readonly Label[];
  /** One a category. */
  readonly numbers: Float64Array;
  /** Of a missing cell; `unknown`: it is like any cell that is no category. */
  readonly missing: number | "unknown" | "refuse";
  /** Of a cell that is no category. */
  readonly unknown: number | "refuse";
  /**
   * Cells that are numbers or booleans are refused.
   *
   * @default false
   */
  readonly textOnly?: boolean;
}

export interface CategoryNumbersOp {
  readonly kind: "category_numbers";
  readonly inputs: readonly [ValueId];
  /** One a column. */
  readonly tables: readonly CategoryTable[];
  readonly number: NumberType;
  /** Who refuses, for the message. */
  readonly estimator: string;
}

export const categoryNumbersDefinition: OpDefinition<CategoryNumbersOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense" && input?.kind !== "table") throw graphError("category_numbers takes columns");
    const width = input.kind === "dense" ? input.width : input.columns.length;
    if (op.tables.length !== width) throw graphError(`${op.tables.length} tables of categories for ${width} columns`);
    if (op.tables.some(({ categories, numbers }) => categories.length !== numbers.length)) {
      throw graphError("category_numbers has categories without numbers");
    }
    const names = input.kind === "dense" ? input.names : input.columns.map((column) => column.name);
    return { kind: "dense", width, number: op.number, names };
  },
  describe: (op) => `numbers of ${op.tables.map(({ categories }) => categories.length).join("+")} categories`,
};
