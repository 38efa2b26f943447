// join_columns, plainly.
import type { Column } from "../../data/batch.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";

export const joinColumns: KernelMaker<"join_columns"> =
  (_op, { inputs: types }) =>
  (inputs, { rowCount }) => {
    const columns = inputs.flatMap((input, index): readonly Column[] => {
      if (input.kind === "table") return input.columns;
      const { width, values } = denseInput(input);
      const type = types[index];
      const isBoolean = type?.kind === "dense" && type.number === "bool";
      return Array.from({ length: width }, (_, column): Column => {
        const numbers = Float64Array.from({ length: rowCount }, (_, row) => values[row * width + column] as number);
        return isBoolean
          ? { kind: "cell", values: Array.from(numbers, (number) => number !== 0) }
          : { kind: "number", values: numbers };
      });
    });
    return { kind: "table", columns: withoutBooleans(columns, rowCount) };
  };

/** As numpy puts cells side by side: beside numbers, and where there is no text, a boolean is 1 or 0. */
function withoutBooleans(columns: readonly Column[], rowCount: number): readonly Column[] {
  const numeric: boolean[] = [];
  for (let row = 0; row < rowCount; row++) {
    const kinds = columns.map((column) => typeof column.values[row]);
    numeric.push(kinds.includes("number") && !kinds.includes("string"));
  }
  if (!numeric.includes(true)) return columns;
  return columns.map((column): Column => {
    if (column.kind === "number" || !column.values.some((cell) => typeof cell === "boolean")) return column;
    const values = column.values.map((cell, row) => (typeof cell === "boolean" && numeric[row] ? Number(cell) : cell));
    return { kind: "cell", values };
  });
}
