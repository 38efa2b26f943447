// Rows that are arrays of their own length: items that a model hashes, or numbers for a model that takes any width.
import type { Batch, FeatureRow, RowIssue } from "./batch.ts";
import { jsonPointer } from "./json-pointer.ts";
import type { RowItems } from "./model-input.ts";
import { typeName } from "./type-name.ts";

interface OpenRows {
  readonly batch: Batch;
  readonly issues: readonly RowIssue[];
}

/** The items of each row, under their positions. */
export function itemBatch(rows: readonly unknown[], items: RowItems): OpenRows {
  const issues: RowIssue[] = [];
  const records = rows.map((row, index): FeatureRow => {
    const problems = Array.isArray(row)
      ? row.flatMap((item: unknown, at) => itemProblem(item, at, items))
      : [{ path: "", message: `must be an array of ${itemNames[items]}, not ${typeName(row)}` }];
    // A row of a million numbers is one mistake, not a million.
    for (const problem of problems.slice(0, maxProblems)) issues.push({ row: index, code: "wrong_type", ...problem });
    return problems.length > 0 ? {} : Object.fromEntries((row as readonly unknown[]).entries());
  });
  return { batch: { kind: "records", rows: records }, issues };
}

const maxProblems = 16;

const itemNames: Readonly<Record<RowItems, string>> = { strings: "strings", pairs: "[name, value] pairs" };

interface Problem {
  readonly path: string;
  readonly message: string;
}

function itemProblem(item: unknown, at: number, items: RowItems): readonly Problem[] {
  const path = jsonPointer(at);
  if (items === "strings") {
    return typeof item === "string" ? [] : [{ path, message: `must be a string, not ${typeName(item)}` }];
  }
  if (!Array.isArray(item) || item.length !== 2) {
    return [{ path, message: `must be a [name, value] pair, not ${typeName(item)}` }];
  }
  const [name] = item as readonly unknown[];
  return typeof name === "string" ? [] : [{ path, message: `must have a string as its name, not ${typeName(name)}` }];
}

/** Numbers as wide as the first row that is an array of any. */
export function openBatch(rows: readonly unknown[]): OpenRows {
  const issues: RowIssue[] = [];
  const first = rows.find((row): row is readonly unknown[] => Array.isArray(row) && row.length > 0);
  const width = first?.length ?? 0;
  const values = new Float64Array(rows.length * width);
  for (const [row, cells] of rows.entries()) {
    if (!Array.isArray(cells)) {
      issues.push({ row, path: "", code: "wrong_type", message: `must be an array, not ${typeName(cells)}` });
    } else if (cells.length === 0) {
      issues.push({ row, path: "", code: "wrong_length", message: "must hold at least 1 value" });
    } else if (cells.length !== width) {
      const message = `must hold ${width} values as the rows before it, not ${cells.length}`;
      issues.push({ row, path: "", code: "wrong_length", message });
    } else {
      for (const [index, cell] of (cells as readonly unknown[]).entries()) {
        const number = numberOf(cell);
        if (number !== undefined) values[row * width + index] = number;
        else {
          const message = `must be a number, not ${typeName(cell)}`;
          issues.push({ row, path: jsonPointer(index), code: "wrong_type", message });
        }
      }
    }
  }
  return { batch: { kind: "matrix", rowCount: rows.length, width, values }, issues };
}

/** null is NaN; whether the model takes it is the model's own affair. */
function numberOf(cell: unknown): number | undefined {
  if (cell === null || cell === undefined) return Number.NaN;
  const isNumber = typeof cell === "number" || typeof cell === "boolean" || typeof cell === "bigint";
  return isNumber ? Number(cell) : undefined;
}
