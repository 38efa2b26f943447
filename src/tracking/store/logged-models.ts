// Logged models: what MLflow 3 makes of a model before it is registered.
import { randomUUID } from "node:crypto";
import type { SqlRow, Statements } from "../../io/sql/database.ts";
import type { EnumOf, MessageInput } from "../../mlflow/wire/field-type.ts";
import { invalidParameter, WireError } from "../../mlflow/wire/wire-error.ts";
import { activeExperimentRow } from "./experiments.ts";
import { grouped, numberOf, optionalText, queryIn, textOf } from "./rows.ts";
import { makeRunName } from "./run-names.ts";
import { locationBelow, type TrackingStore } from "./tracking-store.ts";

export type LoggedModelAnswer = MessageInput<"LoggedModel">;

interface KeyValue {
  readonly key: string;
  readonly value: string;
}

export interface NewLoggedModel {
  readonly experimentId: string;
  readonly name: string;
  readonly modelType: string;
  readonly sourceRunId: string | undefined;
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
}

const statusNames: readonly EnumOf<"LoggedModelStatus">[] = [
  "LOGGED_MODEL_STATUS_UNSPECIFIED",
  "LOGGED_MODEL_PENDING",
  "LOGGED_MODEL_READY",
  "LOGGED_MODEL_UPLOAD_FAILED",
];

export function statusNumber(status: EnumOf<"LoggedModelStatus">): number {
  return statusNames.indexOf(status);
}

export function createLoggedModel(store: TrackingStore, model: NewLoggedModel): Promise<LoggedModelAnswer> {
  return store.database.transaction(async (statements) => {
    const experiment = await activeExperimentRow(statements, model.experimentId);
    const id = `m-${randomUUID().replaceAll("-", "")}`;
    const time = store.now();
    const location = locationBelow(textOf(experiment, "artifact_location"), "models", id, "artifacts");
    await statements.run(
      `INSERT INTO logged_models (model_id, experiment_id, name, artifact_location, creation_timestamp_ms, last_updated_timestamp_ms, status, lifecycle_stage, model_type, source_run_id)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'active', ?, ?)`,
      [
        id,
        numberOf(experiment, "experiment_id"),
        model.name || makeRunName(Math.random),
        location,
        time,
        time,
        statusNumber("LOGGED_MODEL_PENDING"),
        model.modelType,
        model.sourceRunId ?? null,
      ],
    );
    await putModelParams(statements, id, model.params);
    await putModelTags(statements, id, model.tags);
    return loggedModelAnswer(statements, id);
  });
}

/** @throws WireError */
export async function loggedModelRow(statements: Statements, id: string): Promise<SqlRow> {
  const rows = await statements.query(
    `SELECT * FROM logged_models WHERE model_id = ? AND lifecycle_stage = 'active'${statements.lock}`,
    [id],
  );
  if (rows[0] === undefined)
    throw new WireError("RESOURCE_DOES_NOT_EXIST", `Logged model with ID '${id.slice(0, 100)}' not found.`);
  return rows[0];
}

export async function putModelParams(statements: Statements, id: string, params: readonly KeyValue[]): Promise<void> {
  const experiment = numberOf(await loggedModelRow(statements, id), "experiment_id");
  for (const { key, value } of params) {
    const added = await statements.run(
      "INSERT INTO logged_model_params (model_id, experiment_id, param_key, param_value) VALUES (?, ?, ?, ?) ON CONFLICT (model_id, param_key) DO NOTHING",
      [id, experiment, key, value],
    );
    if (added > 0) continue;
    const [known] = await statements.query(
      "SELECT param_value FROM logged_model_params WHERE model_id = ? AND param_key = ?",
      [id, key],
    );
    if (known?.["param_value"] !== value) {
      throw invalidParameter(`Changing param values is not allowed. Param with key='${key}' was already logged.`);
    }
  }
}

export async function putModelTags(statements: Statements, id: string, tags: readonly KeyValue[]): Promise<void> {
  const experiment = numberOf(await loggedModelRow(statements, id), "experiment_id");
  for (const { key, value } of tags) {
    await statements.run(
      "INSERT INTO logged_model_tags (model_id, experiment_id, tag_key, tag_value) VALUES (?, ?, ?, ?) ON CONFLICT (model_id, tag_key) DO UPDATE SET tag_value = excluded.tag_value",
      [id, experiment, key, value],
    );
  }
}

/** @throws WireError when the tag is not there */
export async function dropModelTag(statements: Statements, id: string, key: string): Promise<void> {
  await loggedModelRow(statements, id);
  const count = await statements.run("DELETE FROM logged_model_tags WHERE model_id = ? AND tag_key = ?", [id, key]);
  if (count === 0)
    throw new WireError(
      "RESOURCE_DOES_NOT_EXIST",
      `No tag with key '${key.slice(0, 250)}' found for model with ID '${id}'.`,
    );
}

/** The list of versions that were made of a model, kept as its tag. */
export async function noteRegistration(
  statements: Statements,
  id: string,
  { name, version }: { readonly name: string; readonly version: number },
): Promise<void> {
  const key = "mlflow.modelVersions";
  const rows = await statements.query("SELECT tag_value FROM logged_model_tags WHERE model_id = ? AND tag_key = ?", [
    id,
    key,
  ]);
  const known = listOf(textOf(rows[0] ?? {}, "tag_value"));
  await putModelTags(statements, id, [{ key, value: JSON.stringify([...known, { name, version }]) }]);
}

function listOf(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? (value as unknown[]) : [];
  } catch {
    return [];
  }
}

export async function setModelStatus(
  statements: Statements,
  id: string,
  { status, time }: { readonly status: EnumOf<"LoggedModelStatus">; readonly time: number },
): Promise<void> {
  await loggedModelRow(statements, id);
  await statements.run("UPDATE logged_models SET status = ?, last_updated_timestamp_ms = ? WHERE model_id = ?", [
    statusNumber(status),
    time,
    id,
  ]);
}

export async function dropLoggedModel(statements: Statements, id: string, time: number): Promise<void> {
  // Once more is as good as once.
  const changed = await statements.run(
    "UPDATE logged_models SET lifecycle_stage = 'deleted', last_updated_timestamp_ms = ? WHERE model_id = ?",
    [time, id],
  );
  if (changed === 0) await loggedModelRow(statements, id);
}

export async function loggedModelAnswer(statements: Statements, id: string): Promise<LoggedModelAnswer> {
  await loggedModelRow(statements, id);
  const [answer] = await loggedModelAnswers(statements, [id]);
  return answer ?? {};
}

/** In the order of the identifiers. */
export async function loggedModelAnswers(
  statements: Statements,
  ids: readonly string[],
): Promise<readonly LoggedModelAnswer[]> {
  const select = async (table: string, order: string): Promise<ReadonlyMap<string, readonly SqlRow[]>> =>
    grouped(
      await queryIn(statements, `SELECT * FROM ${table} WHERE model_id IN (#) ORDER BY ${order}`, { ids }),
      "model_id",
    );
  const rows = await select("logged_models", "model_id");
  const params = await select("logged_model_params", "param_key");
  const tags = await select("logged_model_tags", "tag_key");
  const metrics = await select("logged_model_metrics", "metric_name, metric_timestamp_ms, metric_step");
  return ids.flatMap((id) => {
    const row = rows.get(id)?.[0];
    if (row === undefined) return [];
    const data = {
      params: (params.get(id) ?? []).map((each) => ({
        key: textOf(each, "param_key"),
        value: textOf(each, "param_value"),
      })),
      metrics: (metrics.get(id) ?? []).map(metricOf),
    };
    return [{ info: infoOf(row, tags.get(id) ?? []), data }];
  });
}

function infoOf(row: SqlRow, tags: readonly SqlRow[]): MessageInput<"LoggedModelInfo"> {
  return {
    model_id: textOf(row, "model_id"),
    experiment_id: textOf(row, "experiment_id"),
    name: textOf(row, "name"),
    creation_timestamp_ms: numberOf(row, "creation_timestamp_ms"),
    last_updated_timestamp_ms: numberOf(row, "last_updated_timestamp_ms"),
    artifact_uri: textOf(row, "artifact_location"),
    status: statusNames[numberOf(row, "status")] ?? "LOGGED_MODEL_STATUS_UNSPECIFIED",
    model_type: textOf(row, "model_type"),
    source_run_id: textOf(row, "source_run_id"),
    status_message: optionalText(row, "status_message"),
    tags: tags.map((tag) => ({ key: textOf(tag, "tag_key"), value: textOf(tag, "tag_value") })),
  };
}

function metricOf(row: SqlRow): MessageInput<"Metric"> {
  return {
    key: textOf(row, "metric_name"),
    value: row["metric_value"] === null ? Number.NaN : numberOf(row, "metric_value"),
    timestamp: numberOf(row, "metric_timestamp_ms"),
    step: numberOf(row, "metric_step"),
    dataset_name: optionalText(row, "dataset_name"),
    dataset_digest: optionalText(row, "dataset_digest"),
    model_id: textOf(row, "model_id"),
    run_id: textOf(row, "run_id"),
  };
}
