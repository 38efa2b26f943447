// Cells of a table as the row that a definition's `input` reads: the same for training and for scoring.
import type { Schema } from "../data/field.ts";
import type { FieldSpec } from "../data/field-spec.ts";
import { readCell } from "./csv-cell.ts";
import { columnsOfSchema } from "./csv-columns.ts";

export interface RowCells {
  /** Fields of the schema that the table has, in the order of the cells. */
  readonly columns: readonly string[];
  /** The table came of CSV, where a type is what all of its cells look like. */
  readonly isCsv: boolean;
}

export function rowOfCells(
  schema: Schema,
  { columns, isCsv }: RowCells,
): (cells: readonly unknown[]) => Record<string, unknown> {
  const csvColumn = columnsOfSchema(schema);
  const types = columns.map((column) => csvColumn(column).type);
  const specs = columns.map((column) => schema[column]?.spec);
  return (cells) => {
    const row: Record<string, unknown> = {};
    for (const [at, column] of columns.entries()) {
      const cell = cells[at] ?? null;
      // A table has no fields that were not sent: an empty cell is one, unless null is a value of it.
      if (cell === null && specs[at]?.nullable !== true) continue;
      const type = types[at] ?? "text";
      row[column] = isCsv && typeof cell === "string" ? readCell(cell, type) : fitted(cell, specs[at]);
    }
    return row;
  };
}

/** Times are what DuckDB reads as such; text of digits must not become a number. */
export function textFields(schema: Schema): readonly string[] {
  const typeOf = columnsOfSchema(schema);
  return Object.entries(schema).flatMap(([field, { spec }]) => {
    const { type } = typeOf(field);
    const isTime = spec.kind === "timestamp" || spec.kind === "date";
    return !isTime && (type === "text" || type === "json") ? [field] : [];
  });
}

/** Parquet often keeps whole numbers as doubles, and text of digits as numbers; a category or string says what it is. */
function fitted(cell: unknown, spec: FieldSpec | undefined): unknown {
  if (typeof cell !== "number" && typeof cell !== "bigint") return cell;
  const wantsText = spec?.kind === "string" || (spec?.kind === "category" && typeof spec.values[0] === "string");
  return wantsText ? String(cell) : cell;
}
