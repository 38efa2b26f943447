// One row of a method's answers as JSON text, as `trimaran predict` prints it.
import type { Cell } from "./batch.ts";
import { doubleText, floatText } from "./number-text.ts";
import type { Label, OutputColumn } from "./predictions.ts";

/** A bare value, or an array where the method answers several. */
export function outputText(column: OutputColumn, row: number): string {
  if (column.kind === "list") return `[${column.items.map((item) => outputText(item, row)).join(",")}]`;
  if (column.scalar) return cellText(column, { row, index: 0 });
  const cells: string[] = [];
  for (let index = 0; index < column.width; index++) cells.push(cellText(column, { row, index }));
  return `[${cells.join(",")}]`;
}

type Flat = Exclude<OutputColumn, { readonly kind: "list" }>;

function cellText(column: Flat, { row, index }: { row: number; index: number }): string {
  const at = row * column.width + index;
  if (column.kind === "label") {
    const label = column.labels[index]?.[column.codes[at] as number];
    return label === undefined ? "null" : labelText(label);
  }
  if (column.kind === "cell") return anyCellText(column.cells[at] ?? null);
  const value = column.values[at] as number;
  switch (column.type) {
    case "float64":
      return doubleText(value);
    case "float32":
      return floatText(value);
    case "integer":
      return Number.isFinite(value) ? BigInt(value).toString() : doubleText(value);
    case "boolean":
      return value === 0 ? "false" : "true";
  }
}

function anyCellText(cell: Cell): string {
  if (typeof cell === "string") return JSON.stringify(cell);
  return typeof cell === "number" ? doubleText(cell) : String(cell);
}

export function labelText(label: Label): string {
  switch (label.type) {
    case "string":
      return JSON.stringify(label.value);
    case "float":
      return doubleText(label.value);
    case "integer":
    case "boolean":
      return String(label.value);
  }
}

/** The same row as a JavaScript value: numbers, strings, booleans, bigint beyond 2^53, arrays of them. */
export function outputValue(column: OutputColumn, row: number): OutputValue {
  if (column.kind === "list") return column.items.map((item) => outputValue(item, row));
  if (column.scalar) return cellValue(column, row * column.width);
  const cells: OutputValue[] = [];
  for (let index = 0; index < column.width; index++) cells.push(cellValue(column, row * column.width + index));
  return cells;
}

export type OutputValue = null | number | bigint | string | boolean | readonly OutputValue[];

function cellValue(column: Flat, at: number): OutputValue {
  if (column.kind === "number") {
    const value = column.values[at] as number;
    return column.type === "boolean" ? value !== 0 : value;
  }
  if (column.kind === "cell") return column.cells[at] ?? null;
  return column.labels[at % column.width]?.[column.codes[at] as number]?.value ?? null;
}
