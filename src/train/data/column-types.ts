// What DuckDB's types of columns mean to training and to MLflow.
import { type Issue, trimaranError } from "../../base/errors.ts";
import { readCell } from "../../tables/csv-cell.ts";
import type { SqlTable } from "../../tables/sql-table.ts";
import type { TrainingTask } from "../training-matrix.ts";

const integers = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/;

export function typeClass(type: string): "number" | "boolean" | "text" | "other" {
  if (integers.test(type) || /^(FLOAT|DOUBLE|DECIMAL\b.*)$/.test(type)) return "number";
  if (type === "BOOLEAN") return "boolean";
  return /^(VARCHAR|UUID|ENUM\b.*)$/.test(type) ? "text" : "other";
}

/** MLflow's names in a signature. */
export function mlflowType(type: string): string {
  if (/^U?(TINYINT|SMALLINT)$|^INTEGER$/.test(type)) return "integer";
  if (integers.test(type)) return "long";
  if (/^(DATE|TIMESTAMP)/.test(type)) return "datetime";
  const names: Readonly<Record<string, string>> = { number: type === "FLOAT" ? "float" : "double", boolean: "boolean" };
  return names[typeClass(type)] ?? "string";
}

export interface TargetColumn {
  readonly target: string;
  /** DuckDB's. */
  readonly type: string;
  /** Its type is a guess: one cell that is no number makes a column of CSV text. */
  readonly isGuessed: boolean;
}

/** What was asked for, else what the type says. @throws TRAIN_TARGET */
export function taskOf(asked: TrainingTask | null, { target, type, isGuessed }: TargetColumn): TrainingTask {
  const kind = typeClass(type);
  if (asked === "regression" && kind === "text" && !isGuessed) {
    throw trimaranError("TRAIN_TARGET", { target, problem: `it is text (${type}), and a regression learns numbers` });
  }
  if (kind === "other") throw trimaranError("TRAIN_TARGET", { target, problem: `its type is ${type}` });
  return asked ?? (kind === "number" ? "regression" : "classification");
}

/** The cell of a target: a text that is a number is one, where numbers are learnt. */
export function targetCell(cell: unknown, task: TrainingTask): unknown {
  return task === "regression" && typeof cell === "string" ? readCell(cell, "number") : cell;
}

/** Lines that DuckDB left out: `TOO MANY COLUMNS` is `too_many_columns`. */
export async function rejectedIssues(table: SqlTable): Promise<readonly (readonly [Issue, number])[]> {
  return [...(await table.rejected())].map(([fault, count]) => {
    const code = fault.toLowerCase().replaceAll(/[^a-z]+/g, "_");
    return [{ path: "", code, message: `a line cannot be read: ${fault.toLowerCase()}` }, count];
  });
}
