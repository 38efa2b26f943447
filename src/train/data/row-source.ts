// Rows on their way to training, whatever they come from: a feature row and its target each, in batches, and what was left out.
import type { Issue } from "../../base/errors.ts";
import type { FeatureRow } from "../../data/batch.ts";
import { jsonPointer } from "../../data/json-pointer.ts";
import { typeName } from "../../data/type-name.ts";
import type { TrainingLayout, TrainingTask } from "../training-matrix.ts";
import type { LeftOut } from "./left-out.ts";

export interface SourceRow {
  readonly features: FeatureRow;
  readonly target: unknown;
}

/** A row, or what is wrong with it. */
export type ReadRow = SourceRow | Issue;

export interface RowSource extends AsyncDisposable {
  readonly layout: TrainingLayout;
  readonly task: TrainingTask;
  /** The name of the target. */
  readonly target: string;
  /** Columns that are read → MLflow's types. */
  readonly columns: Readonly<Record<string, string>>;
  /** Rows in their order, again and again the same. @throws TABLE_* */
  read(): AsyncGenerator<readonly ReadRow[]>;
  /** After a pass: lines that could not be read at all, as issues with their numbers. */
  unread(): Promise<readonly (readonly [Issue, number])[]>;
  /** Rows of the files before the filter, after a pass. */
  total(): Promise<number>;
}

export interface CheckedBatch {
  readonly rows: readonly FeatureRow[];
  readonly targets: readonly unknown[];
  /** The position of each among all rows that the source gave. */
  readonly places: readonly number[];
}

/** Rows that a model can be trained on, and nothing else; the others are noted. */
export async function* checkedRows(source: RowSource, leftOut: LeftOut): AsyncGenerator<CheckedBatch> {
  let place = 0;
  const { task, target: targetName } = source;
  for await (const batch of source.read()) {
    const rows: FeatureRow[] = [];
    const targets: unknown[] = [];
    const places: number[] = [];
    for (const row of batch) {
      const at = place++;
      const issue = isIssue(row) ? row : rowIssue(row, { task, targetName });
      if (issue !== null || isIssue(row)) {
        if (issue !== null) leftOut.add(issue);
        continue;
      }
      rows.push(row.features);
      targets.push(row.target);
      places.push(at);
    }
    yield { rows, targets, places };
  }
  for (const [issue, count] of await source.unread()) leftOut.add(issue, count);
}

function isIssue(row: ReadRow): row is Issue {
  return "code" in row;
}

interface TargetFacts {
  readonly task: TrainingTask;
  readonly targetName: string;
}

function rowIssue({ features, target }: SourceRow, { task, targetName }: TargetFacts): Issue | null {
  const path = jsonPointer(targetName);
  if (target === null || target === undefined || Number.isNaN(target)) {
    return { path, code: "missing_target", message: `the target ${targetName} is missing` };
  }
  if (!fitsTask(target, task)) {
    const wanted = task === "regression" ? "a finite number" : "a string, a boolean or a whole number";
    return { path, code: "wrong_target", message: `the target ${targetName} must be ${wanted}, not ${kindOf(target)}` };
  }
  for (const name of Object.keys(features)) {
    const problem = cellProblem(features[name]);
    if (problem !== null) return { path: jsonPointer(name), ...problem, message: `${name} ${problem.message}` };
  }
  return null;
}

function fitsTask(target: unknown, task: TrainingTask): boolean {
  if (typeof target === "boolean" || typeof target === "bigint") return true;
  if (task === "regression") return typeof target === "number" && Number.isFinite(target);
  return typeof target === "string" || Number.isSafeInteger(target);
}

function cellProblem(cell: unknown): { readonly code: string; readonly message: string } | null {
  if (typeof cell === "string" || typeof cell === "boolean" || typeof cell === "bigint") return null;
  if (typeof cell === "number" && Number.isFinite(cell)) return null;
  if (cell === null || cell === undefined || Number.isNaN(cell))
    return { code: "missing_value", message: "is missing" };
  if (typeof cell === "number") return { code: "not_finite", message: "is not finite" };
  if (Array.isArray(cell) && cell.every((each) => typeof each === "string")) return null;
  return { code: "wrong_type", message: `must be a number or a string, not ${typeName(cell)}` };
}

function kindOf(target: unknown): string {
  if (typeof target !== "number") return typeName(target);
  return Number.isFinite(target) ? "a number with a fraction" : "an infinite number";
}
