// Evaluation data sets: named collections of records, of any number of experiments.
import { createHash, randomUUID } from "node:crypto";
import type { SqlRow, Statements } from "../../io/sql/database.ts";
import type { MessageInput } from "../../mlflow/wire/field-type.ts";
import { WireError } from "../../mlflow/wire/wire-error.ts";
import { pythonJson } from "./assessments.ts";
import { link, linkedIds } from "./associations.ts";
import { experimentRow } from "./experiments.ts";
import { grouped, optionalNumber, optionalText, queryIn, textOf } from "./rows.ts";

export const userTag = "mlflow.user";

export interface NewEvaluationDataset {
  readonly name: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly experimentIds: readonly string[];
  readonly time: number;
}

/** Gives its identifier. @throws WireError */
export async function createEvaluationDataset(statements: Statements, dataset: NewEvaluationDataset): Promise<string> {
  const { name, tags, experimentIds, time } = dataset;
  const id = `d-${randomUUID().replaceAll("-", "")}`;
  const user = tags.get(userTag) ?? null;
  await statements.run(
    "INSERT INTO evaluation_datasets (dataset_id, name, digest, created_time, last_update_time, created_by, last_updated_by) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [id, name, digestOf(name, time), time, time, user, user],
  );
  await putDatasetTags(statements, id, tags);
  await linkExperiments(statements, { id, experimentIds, time });
  return id;
}

/** Another one after every change. */
export function digestOf(name: string, time: number): string {
  return createHash("sha256").update(`${name}:${time}`).digest("hex").slice(0, 8);
}

export async function putDatasetTags(
  statements: Statements,
  id: string,
  tags: ReadonlyMap<string, string>,
): Promise<void> {
  await statements.insertMany(
    "INSERT INTO evaluation_dataset_tags (dataset_id, key, value) VALUES (?, ?, ?) ON CONFLICT (dataset_id, key) DO UPDATE SET value = excluded.value",
    [...tags].map(([key, value]) => [id, key, value]),
  );
}

/** @throws WireError */
export async function linkExperiments(
  statements: Statements,
  {
    id,
    experimentIds,
    time,
  }: { readonly id: string; readonly experimentIds: readonly string[]; readonly time: number },
): Promise<void> {
  for (const experiment of experimentIds) await experimentRow(statements, experiment);
  await link(statements, { from: ["evaluation_dataset", id], to: "experiment", ids: experimentIds }, time);
}

/** @throws WireError */
export async function evaluationDatasetRow(statements: Statements, id: string): Promise<SqlRow> {
  const rows = await statements.query(`SELECT * FROM evaluation_datasets WHERE dataset_id = ?${statements.lock}`, [id]);
  if (rows[0] === undefined) {
    throw new WireError("RESOURCE_DOES_NOT_EXIST", `Evaluation dataset with id '${id.slice(0, 100)}' not found`);
  }
  return rows[0];
}

export async function dropEvaluationDataset(statements: Statements, id: string): Promise<void> {
  await statements.run(
    "DELETE FROM entity_associations WHERE (source_type = 'evaluation_dataset' AND source_id = ?) OR (destination_type = 'evaluation_dataset' AND destination_id = ?)",
    [id, id],
  );
  await statements.run("DELETE FROM evaluation_datasets WHERE dataset_id = ?", [id]);
}

export async function evaluationDatasetAnswers(
  statements: Statements,
  rows: readonly SqlRow[],
): Promise<readonly MessageInput<"EvaluationDataset">[]> {
  const ids = rows.map((row) => textOf(row, "dataset_id"));
  const sql = "SELECT dataset_id, key, value FROM evaluation_dataset_tags WHERE dataset_id IN (#) ORDER BY key";
  const tags = grouped(await queryIn(statements, sql, { ids }), "dataset_id");
  const answers: MessageInput<"EvaluationDataset">[] = [];
  for (const row of rows) {
    const id = textOf(row, "dataset_id");
    const own = (tags.get(id) ?? []).map((tag) => [textOf(tag, "key"), textOf(tag, "value")]);
    answers.push({
      dataset_id: id,
      name: textOf(row, "name"),
      tags: pythonJson(Object.fromEntries(own)),
      schema: optionalText(row, "schema"),
      profile: optionalText(row, "profile"),
      digest: optionalText(row, "digest"),
      created_time: optionalNumber(row, "created_time"),
      last_update_time: optionalNumber(row, "last_update_time"),
      created_by: optionalText(row, "created_by"),
      last_updated_by: optionalText(row, "last_updated_by"),
      experiment_ids: await linkedIds(statements, ["evaluation_dataset", id], "experiment"),
    });
  }
  return answers;
}
