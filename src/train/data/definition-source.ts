// Rows of a definition: derived and filtered by its SQL, validated by its `input`, made features by its own `features`, so that the
// model learns from exactly what it will be asked with.
import { didYouMean } from "../../base/did-you-mean.ts";
import { type Issue, isTrimaranError, trimaranError } from "../../base/errors.ts";
import { compileRow } from "../../data/compile-row.ts";
import type { FieldSpec } from "../../data/field-spec.ts";
import { jsonPointer } from "../../data/json-pointer.ts";
import type { Row, RowNotes } from "../../data/schema-row.ts";
import { isNamed } from "../../deployment/model-features.ts";
import type { ResolvedDeployment } from "../../deployment/resolved-deployment.ts";
import { rowOfCells, textFields } from "../../tables/row-cells.ts";
import { tableFormat } from "../../tables/sql-source.ts";
import { openSqlTable, type SqlTable } from "../../tables/sql-table.ts";
import type { TrainingLayout, TrainingTask } from "../training-matrix.ts";
import { mlflowType, rejectedIssues, targetCell, taskOf } from "./column-types.ts";
import type { ReadRow, RowSource } from "./row-source.ts";

export interface DefinitionSourceOptions {
  readonly files: readonly string[];
  readonly definition: ResolvedDeployment;
  /** @default the definition's `batch.truth` */
  readonly target: string | null;
  readonly task: TrainingTask | null;
  readonly signal: AbortSignal;
}

/** @throws TABLE_*, TRAIN_TARGET, TRAIN_DEFINITION */
export async function openDefinitionSource(options: DefinitionSourceOptions): Promise<RowSource> {
  const { files, definition, signal } = options;
  const { name, batch } = definition;
  if (definition.lookup !== null) {
    throw trimaranError("TRAIN_DEFINITION", {
      name,
      problem: "its `lookup` would find today's facts for yesterday's rows",
    });
  }
  if (definition.model?.kind === "record") {
    throw trimaranError("TRAIN_DEFINITION", { name, problem: "it is of several models" });
  }
  const target = options.target ?? batch?.truth ?? null;
  if (target === null) {
    const problem = "neither its `batch.truth` nor --target names the column to learn";
    throw trimaranError("TRAIN_DEFINITION", { name, problem });
  }
  const table = await openSqlTable({
    files,
    derive: batch?.derive ?? {},
    where: batch?.where ?? null,
    textColumns: textFields(definition.input),
    signal,
  });
  try {
    const columns = inputColumns(table, definition);
    assertColumn(table, target, files);
    const type = table.columns.get(target) ?? "";
    const task = taskOf(options.task, { target, type, isGuessed: tableFormat(files[0] ?? "") !== "parquet" });
    const isFiltered = (batch?.where ?? null) !== null;
    const rowOf = rowReader(definition, { columns, isCsv: tableFormat(files[0] ?? "") === "csv" });
    let seen = 0;
    return {
      layout: layoutOf(definition),
      task,
      target,
      columns: Object.fromEntries(
        [...columns, target].map((each) => [each, mlflowType(table.columns.get(each) ?? "")]),
      ),
      async *read() {
        seen = 0;
        for await (const rows of table.rows([...columns, target])) {
          seen += rows.length;
          yield rows.map((cells) => rowOf(cells, targetCell(cells[columns.length], task)));
        }
      },
      unread: () => rejectedIssues(table),
      total: async () => (isFiltered ? await table.count() : seen),
      [Symbol.asyncDispose]: () => table[Symbol.asyncDispose](),
    };
  } catch (error) {
    await table[Symbol.asyncDispose]();
    throw error;
  }
}

/** Numbers only, under the names of the input: a matrix; else what a dictionary vectorizer takes. */
function layoutOf({ hasFeatures, input }: ResolvedDeployment): TrainingLayout {
  const isNumeric = ({ kind, presence, nullable }: FieldSpec): boolean =>
    (kind === "number" || kind === "integer" || kind === "boolean") && presence === "required" && !nullable;
  return !hasFeatures && Object.values(input).every(({ spec }) => isNumeric(spec)) ? "matrix" : "records";
}

/** Declared fields that the files have; one that must be there and is not is told at once. */
function inputColumns(table: SqlTable, { name, input }: ResolvedDeployment): readonly string[] {
  const fields = Object.entries(input);
  const missing = fields.find(([field, { spec }]) => spec.presence === "required" && !table.columns.has(field));
  if (missing !== undefined) assertColumn(table, missing[0], [`the data of ${name}`]);
  return fields.map(([field]) => field).filter((field) => table.columns.has(field));
}

function assertColumn(table: SqlTable, column: string, [name = ""]: readonly string[]): void {
  if (table.columns.has(column)) return;
  const known = [...table.columns.keys()];
  const slots = { name, column, suggestion: didYouMean(column, known), columns: known.join(", ") };
  throw trimaranError("TABLE_COLUMN", slots);
}

interface RowPlan {
  readonly columns: readonly string[];
  readonly isCsv: boolean;
}

function rowReader(
  definition: ResolvedDeployment,
  { columns, isCsv }: RowPlan,
): (cells: readonly unknown[], target: unknown) => ReadRow {
  const read = compileRow(definition.input, { unknownFields: "ignore" });
  const rowOf = rowOfCells(definition.input, { columns, isCsv });
  let notes: RowNotes = { issues: [], warnings: new Map() };
  return (cells, target) => {
    const row = read(rowOf(cells), notes, "");
    if (row === undefined) {
      const [issue] = notes.issues;
      notes = { issues: [], warnings: new Map() };
      return issue ?? { path: "", code: "invalid", message: "The row does not fit the definition's input." };
    }
    return withFeatures(definition, row, target);
  };
}

function withFeatures(definition: ResolvedDeployment, row: Row, target: unknown): ReadRow {
  try {
    const features = definition.features(row);
    if (isNamed(features)) {
      throw trimaranError("TRAIN_DEFINITION", { name: definition.name, problem: "its features are of several models" });
    }
    return { features, target };
  } catch (error) {
    if (!isTrimaranError(error) || error.code !== "DEFINITION_FEATURES") throw error;
    const issue: Issue = { path: jsonPointer("features"), code: "features_failed", message: error.message };
    return issue;
  }
}
