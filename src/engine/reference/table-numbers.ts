// table_numbers, plainly.
import type { Cell, Column } from "../../data/batch.ts";
import { jsonPointer } from "../../data/json-pointer.ts";
import type { KernelMaker } from "../kernel.ts";

export const tableNumbers: KernelMaker<"table_numbers"> = (_op, { result }) => {
  const names = result.kind === "dense" ? (result.names ?? []) : [];
  return ([input], frame) => {
    if (input?.kind !== "table") throw new TypeError("kernel: a table was promised");
    const width = input.columns.length;
    const values = new Float64Array(frame.rowCount * width);
    for (const [index, column] of input.columns.entries()) {
      for (let row = 0; row < frame.rowCount; row++) {
        const value = numberAt(column, row);
        if (value !== undefined) {
          values[row * width + index] = value;
          continue;
        }
        const path = jsonPointer(names[index] ?? index);
        frame.refuse(row, { path, code: "wrong_type", message: "must be a number, not a string" });
      }
    }
    return { kind: "dense", width, values };
  };
};

/** The cell as a number; undefined for a string. */
function numberAt(column: Column, row: number): number | undefined {
  const cell: Cell | undefined = column.values[row];
  if (cell === null || cell === undefined) return Number.NaN;
  return typeof cell === "string" ? undefined : Number(cell);
}
