// Ready columns of Parquet, CSV or NDJSON as features: numbers as they are, texts as categories.
import { didYouMean } from "../../base/did-you-mean.ts";
import { trimaranError } from "../../base/errors.ts";
import type { FeatureRow } from "../../data/batch.ts";
import { tableFormat } from "../../tables/sql-source.ts";
import { openSqlTable, type SqlTable } from "../../tables/sql-table.ts";
import type { TrainingTask } from "../training-matrix.ts";
import { mlflowType, rejectedIssues, targetCell, taskOf, typeClass } from "./column-types.ts";
import type { ReadRow, RowSource } from "./row-source.ts";

export interface PlainSourceOptions {
  readonly files: readonly string[];
  readonly target: string;
  /** @default every column but the target */
  readonly features: readonly string[];
  /** Columns of numbers that name things: each value is a category of its own. */
  readonly categories: readonly string[];
  /** @default what the target's type says */
  readonly task: TrainingTask | null;
  readonly signal: AbortSignal;
}

/** @throws TABLE_*, TRAIN_TARGET, TRAIN_COLUMN */
export async function openPlainSource(options: PlainSourceOptions): Promise<RowSource> {
  const { files, target, categories, signal } = options;
  const table = await openSqlTable({ files, signal });
  try {
    const names = featureNames(table, options);
    const kinds = names.map((name) => (categories.includes(name) ? "text" : kindOf(table, name)));
    const task = taskOf(options.task, {
      target,
      type: table.columns.get(target) ?? "",
      isGuessed: tableFormat(files[0] ?? "") !== "parquet",
    });
    let seen = 0;
    return {
      layout: kinds.includes("text") ? "records" : "matrix",
      task,
      target,
      columns: Object.fromEntries([...names, target].map((name) => [name, mlflowType(table.columns.get(name) ?? "")])),
      async *read() {
        seen = 0;
        for await (const rows of table.rows([...names, target])) {
          seen += rows.length;
          yield rows.map(
            (row): ReadRow => ({
              features: featuresOf(row, names, kinds),
              target: targetCell(row[names.length], task),
            }),
          );
        }
      },
      unread: () => rejectedIssues(table),
      total: async () => seen,
      [Symbol.asyncDispose]: () => table[Symbol.asyncDispose](),
    };
  } catch (error) {
    await table[Symbol.asyncDispose]();
    throw error;
  }
}

function featureNames(table: SqlTable, { files, target, features, categories }: PlainSourceOptions): readonly string[] {
  const known = [...table.columns.keys()];
  const names = features.length > 0 ? [...new Set(features)] : known.filter((name) => name !== target);
  for (const name of [target, ...names, ...categories]) {
    if (table.columns.has(name)) continue;
    const slots = {
      name: files[0] ?? "",
      column: name,
      suggestion: didYouMean(name, known),
      columns: known.join(", "),
    };
    throw trimaranError("TABLE_COLUMN", slots);
  }
  if (names.includes(target)) {
    throw trimaranError("TRAIN_TARGET", { target, problem: "it is among the features too" });
  }
  if (names.length === 0) throw trimaranError("TRAIN_TARGET", { target, problem: "it is the only column" });
  return names;
}

/** @throws TRAIN_COLUMN */
function kindOf(table: SqlTable, name: string): "number" | "text" {
  const type = table.columns.get(name) ?? "";
  const kind = typeClass(type);
  if (kind === "other") throw trimaranError("TRAIN_COLUMN", { column: name, type });
  return kind === "text" ? "text" : "number";
}

function featuresOf(
  row: readonly unknown[],
  names: readonly string[],
  kinds: readonly ("number" | "text")[],
): FeatureRow {
  const features: Record<string, unknown> = {};
  for (const [at, name] of names.entries()) {
    const cell = row[at];
    const isName = kinds[at] === "text" && cell !== null && cell !== undefined;
    const value = isName ? String(cell) : cell;
    if (name === "__proto__") Object.defineProperty(features, name, { value, enumerable: true });
    else features[name] = value;
  }
  return features;
}
