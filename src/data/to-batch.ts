// Rows as a user gives them → the batch that a model takes, with every problem by row and path.
import type { Batch, Cell, Column, FeatureRow, RowIssue } from "./batch.ts";
import { jsonPointer } from "./json-pointer.ts";
import type { InputColumn, ModelInput } from "./model-input.ts";
import { itemBatch, openBatch } from "./open-rows.ts";
import { typeName } from "./type-name.ts";

export interface ToBatch {
  readonly batch: Batch;
  /** Problems by row; the cells of such rows are placeholders. */
  readonly issues: readonly RowIssue[];
}

/** `value` is a JSON value a row. A matrix or table row is an array by position, or an object by name where the model has names. */
export function toBatch(rows: readonly unknown[], input: ModelInput): ToBatch {
  const issues: RowIssue[] = [];
  switch (input.kind) {
    case "records": {
      if (input.items !== undefined) return itemBatch(rows, input.items);
      const records = rows.map((row, index): FeatureRow => {
        if (isObject(row)) return row;
        issues.push({ row: index, path: "", code: "wrong_type", message: `must be an object, not ${typeName(row)}` });
        return {};
      });
      return { batch: { kind: "records", rows: records }, issues };
    }
    case "matrix":
      if (input.anyWidth === true) return openBatch(rows);
      return { batch: matrixBatch(rows, input, issues), issues };
    case "table":
      return { batch: tableBatch(rows, input, issues), issues };
  }
}

type Positional = Extract<ModelInput, { readonly kind: "matrix" | "table" }>;

function matrixBatch(rows: readonly unknown[], input: Positional, issues: RowIssue[]): Batch {
  const width = input.columns.length;
  const values = new Float64Array(rows.length * width);
  for (let row = 0; row < rows.length; row++) {
    const cells = cellsOf(rows[row], { input, row, issues });
    if (cells === undefined) continue;
    for (let index = 0; index < width; index++) {
      const cell = cells[index];
      // Nearly every cell is a number, and for one nothing needs to be made.
      values[row * width + index] =
        typeof cell === "number" ? cell : toNumber(cell, { column: input.columns[index]!, row, issues });
    }
  }
  return { kind: "matrix", rowCount: rows.length, width, values };
}

function tableBatch(rows: readonly unknown[], input: Positional, issues: RowIssue[]): Batch {
  const filled = input.columns.map((column) =>
    column.type === "number" || column.type === "integer"
      ? { kind: "number" as const, values: new Float64Array(rows.length) }
      : { kind: "cell" as const, values: new Array<Cell>(rows.length).fill(null) },
  );
  for (const [row, value] of rows.entries()) {
    const cells = cellsOf(value, { input, row, issues });
    if (cells === undefined) continue;
    for (const [index, column] of input.columns.entries()) {
      const target = filled[index];
      if (target?.kind === "number") target.values[row] = toNumber(cells[index], { column, row, issues });
      else if (target !== undefined) target.values[row] = toCell(cells[index], { column, row, issues });
    }
  }
  return { kind: "table", rowCount: rows.length, columns: filled satisfies readonly Column[] };
}

interface RowContext {
  readonly input: Positional;
  readonly row: number;
  readonly issues: RowIssue[];
}

/** The row's cells in column order, or undefined (with an issue) when the row has another shape. */
function cellsOf(value: unknown, { input, row, issues }: RowContext): readonly unknown[] | undefined {
  const { columns, named } = input;
  // A model that looks at no column takes rows of any length.
  if (columns.length === 0 && (Array.isArray(value) || isObject(value))) return [];
  // A bare string is the only cell of a model that takes one: a document, a label.
  const [only] = columns.length === 1 ? columns : [];
  if (typeof value === "string" && (only?.type === "string" || only?.type === "any")) return [value];
  if (Array.isArray(value)) {
    if (value.length === columns.length) return value;
    const message = `must hold ${columns.length} values, not ${value.length}`;
    issues.push({ row, path: "", code: "wrong_length", message });
    return undefined;
  }
  if (isObject(value) && (named || Object.keys(value).length > 0)) {
    const cells: unknown[] = [];
    for (const column of columns) {
      if (Object.hasOwn(value, column.name)) cells.push(value[column.name]);
      else if (named && column.optional === true) cells.push(null);
      else {
        const message = named
          ? "is missing"
          : `is missing; the model knows its ${columns.length} columns by position only`;
        issues.push({ row, path: jsonPointer(column.name), code: "missing_field", message });
      }
    }
    return cells.length === columns.length ? cells : undefined;
  }
  const message = `must be ${named ? "an object or an array" : "an array"}, not ${typeName(value)}`;
  issues.push({ row, path: "", code: "wrong_type", message });
  return undefined;
}

interface CellContext {
  readonly column: InputColumn;
  readonly row: number;
  readonly issues: RowIssue[];
}

/** null is NaN; whether the model takes it is the model's own affair. */
function toNumber(value: unknown, { column, row, issues }: CellContext): number {
  if (typeof value === "number") return value;
  if (value === null || value === undefined) return Number.NaN;
  if (typeof value === "boolean" || typeof value === "bigint") return Number(value);
  const message = `must be a number, not ${typeName(value)}`;
  issues.push({ row, path: jsonPointer(column.name), code: "wrong_type", message });
  return Number.NaN;
}

function toCell(value: unknown, { column, row, issues }: CellContext): Cell {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
    case "bigint":
      return value;
    case "undefined":
      return null;
    default: {
      if (value === null) return null;
      const message = `must be a string, a number, a boolean or null, not ${typeName(value)}`;
      issues.push({ row, path: jsonPointer(column.name), code: "wrong_type", message });
      return null;
    }
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
