// The documents of a table's only column; a cell that is no text refuses its row.
import { jsonPointer } from "../../data/json-pointer.ts";
import type { Frame } from "../frame.ts";
import type { RuntimeValue } from "../runtime-value.ts";

/** Calls `each` with every row's document; refused rows have an empty one. */
export function eachDocument(
  input: RuntimeValue | undefined,
  { frame, name }: { readonly frame: Frame; readonly name: string },
  each: (document: string, row: number) => void,
): void {
  const column = input?.kind === "table" ? input.columns[0] : undefined;
  if (column === undefined) throw new TypeError("kernel: a column of text was promised");
  for (let row = 0; row < frame.rowCount; row++) {
    const cell = column.values[row];
    if (typeof cell !== "string") {
      const missing = cell === null || (typeof cell === "number" && Number.isNaN(cell));
      const message = missing ? "is missing, and a text was expected" : "must be a text";
      frame.refuse(row, { path: jsonPointer(name), code: missing ? "missing_value" : "wrong_type", message });
    }
    each(typeof cell === "string" ? cell : "", row);
  }
}

/** The column's name, for refusals. */
export function documentName(columns: readonly { readonly name: string }[]): string {
  return columns[0]?.name ?? "0";
}
