// category_positions: each cell's position among the categories of its column; NaN where it is none of them. Cells are
// compared as Python compares them: 1, 1.0 and true are equal, a number is no string. A missing cell (null, NaN) has none.
import type { Label } from "../../data/predictions.ts";
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { ValueId } from "../value.ts";

export interface CategoryPositionsOp {
  readonly kind: "category_positions";
  readonly inputs: readonly [ValueId];
  /** One list a column; null stands at a position that no cell has. */
  readonly categories: readonly (readonly (Label | null)[])[];
}

export const categoryPositionsDefinition: OpDefinition<CategoryPositionsOp> = {
  resultType(op, [input]) {
    if (input?.kind !== "dense" && input?.kind !== "table") throw graphError("category_positions takes columns");
    const width = input.kind === "dense" ? input.width : input.columns.length;
    if (op.categories.length !== width) {
      throw graphError(`${op.categories.length} lists of categories for ${width} columns`);
    }
    const names = input.kind === "dense" ? input.names : input.columns.map((column) => column.name);
    return { kind: "dense", width, number: "f64", names };
  },
  describe: (op) => `positions among ${op.categories.map((each) => each.length).join("+")} categories`,
};
