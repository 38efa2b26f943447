// Runs: what is created, found, updated, deleted and brought back.
import { randomUUID } from "node:crypto";
import type { SqlRow, Statements } from "../../io/sql/database.ts";
import { enums } from "../../mlflow/messages/enums.ts";
import type { EnumOf, MessageInput } from "../../mlflow/wire/field-type.ts";
import { invalidParameter, WireError } from "../../mlflow/wire/wire-error.ts";
import { edgesOf } from "./datasets.ts";
import { activeExperimentRow } from "./experiments.ts";
import { metricAnswer } from "./metrics.ts";
import { grouped, numberOf, optionalNumber, optionalText, queryIn, textOf } from "./rows.ts";
import { makeRunName } from "./run-names.ts";
import { putRunTags, type RunTag, runNameTag } from "./run-tags.ts";
import { locationBelow, type TrackingStore } from "./tracking-store.ts";

export interface NewRun {
  readonly experimentId: string;
  readonly userId: string;
  readonly name: string;
  readonly startTime: number;
  readonly tags: readonly RunTag[];
}

/** @throws WireError */
export function createRun(store: TrackingStore, run: NewRun): Promise<MessageInput<"Run">> {
  return store.database.transaction(async (statements) => {
    const experiment = await activeExperimentRow(statements, run.experimentId);
    const id = randomUUID().replaceAll("-", "");
    const tagged = run.tags.find(({ key }) => key === runNameTag)?.value ?? "";
    if (run.name !== "" && tagged !== "" && run.name !== tagged) {
      throw invalidParameter(
        `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${run.name}', mlflow.runName='${tagged}').`,
      );
    }
    const name = run.name || tagged || makeRunName(Math.random);
    const uri = locationBelow(textOf(experiment, "artifact_location"), id, "artifacts");
    await statements.run(
      `INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, source_version, lifecycle_stage, artifact_uri, experiment_id)
       VALUES (?, ?, 'UNKNOWN', '', '', ?, 'RUNNING', ?, '', 'active', ?, ?)`,
      [id, name.slice(0, 250), run.userId, run.startTime, uri, numberOf(experiment, "experiment_id")],
    );
    const others = run.tags.filter(({ key }) => key !== runNameTag);
    await putRunTags(statements, id, [...others, { key: runNameTag, value: name }]);
    const [answer] = await runAnswers(statements, [id]);
    // MLflow tells of outputs only when it is asked for a run.
    const { outputs: _, ...made } = answer ?? {};
    return made;
  });
}

/** @throws WireError */
export async function runRow(statements: Statements, id: string): Promise<SqlRow> {
  const rows = await statements.query(`SELECT * FROM runs WHERE run_uuid = ?${statements.lock}`, [id]);
  if (rows[0] === undefined)
    throw new WireError("RESOURCE_DOES_NOT_EXIST", `Run with id=${id.slice(0, 300)} not found`);
  return rows[0];
}

/** @throws WireError */
export async function activeRunRow(statements: Statements, id: string): Promise<SqlRow> {
  const row = await runRow(statements, id);
  assertStage(row, "active");
  return row;
}

function assertStage(row: SqlRow, wanted: "active" | "deleted"): void {
  const stage = textOf(row, "lifecycle_stage");
  if (stage !== wanted) {
    throw invalidParameter(
      `The run ${textOf(row, "run_uuid")} must be in the '${wanted}' state. Current state is ${stage}.`,
    );
  }
}

export async function getRun({ database }: TrackingStore, id: string): Promise<MessageInput<"Run">> {
  await runRow(database, id);
  const [answer] = await runAnswers(database, [id]);
  return answer ?? {};
}

/** In the order of the identifiers. */
export async function runAnswers(
  statements: Statements,
  ids: readonly string[],
): Promise<readonly MessageInput<"Run">[]> {
  const select = async (sql: string): Promise<ReadonlyMap<string, readonly SqlRow[]>> =>
    grouped(await queryIn(statements, sql, { ids }), "run_uuid");
  const rows = await select("SELECT * FROM runs WHERE run_uuid IN (#)");
  const metrics = await select("SELECT * FROM latest_metrics WHERE run_uuid IN (#)");
  const params = await select("SELECT * FROM params WHERE run_uuid IN (#)");
  const tags = await select("SELECT * FROM tags WHERE run_uuid IN (#)");
  const edges = await edgesOf(statements, ids);
  return ids.flatMap((id) => {
    const row = rows.get(id)?.[0];
    if (row === undefined) return [];
    const data = {
      metrics: (metrics.get(id) ?? []).map(metricAnswer),
      params: (params.get(id) ?? []).map(keyValue),
      tags: (tags.get(id) ?? []).map(keyValue),
    };
    const { inputs, outputs } = edges(id);
    return [{ info: runInfo(row), data, inputs, outputs }];
  });
}

function keyValue(row: SqlRow): { readonly key: string; readonly value: string } {
  return { key: textOf(row, "key"), value: textOf(row, "value") };
}

export function runInfo(row: SqlRow): MessageInput<"RunInfo"> {
  const status = textOf(row, "status");
  return {
    run_id: textOf(row, "run_uuid"),
    run_uuid: textOf(row, "run_uuid"),
    run_name: optionalText(row, "name"),
    experiment_id: textOf(row, "experiment_id"),
    user_id: textOf(row, "user_id"),
    status: isRunStatus(status) ? status : "RUNNING",
    start_time: numberOf(row, "start_time"),
    end_time: optionalNumber(row, "end_time"),
    artifact_uri: textOf(row, "artifact_uri"),
    lifecycle_stage: textOf(row, "lifecycle_stage"),
  };
}

function isRunStatus(status: string): status is EnumOf<"RunStatus"> {
  return Object.hasOwn(enums.RunStatus, status);
}

export interface RunChange {
  readonly status: EnumOf<"RunStatus"> | undefined;
  readonly endTime: number | undefined;
  readonly name: string | undefined;
}

export function updateRun(
  { database }: TrackingStore,
  id: string,
  { status, endTime, name }: RunChange,
): Promise<MessageInput<"RunInfo">> {
  return database.transaction(async (statements) => {
    await activeRunRow(statements, id);
    if (status !== undefined) await statements.run("UPDATE runs SET status = ? WHERE run_uuid = ?", [status, id]);
    if (endTime !== undefined) await statements.run("UPDATE runs SET end_time = ? WHERE run_uuid = ?", [endTime, id]);
    if (name !== undefined && name !== "") await putRunTags(statements, id, [{ key: runNameTag, value: name }]);
    return runInfo(await runRow(statements, id));
  });
}

/** @throws WireError */
export function moveRun({ database, now }: TrackingStore, id: string, stage: "active" | "deleted"): Promise<void> {
  return database.transaction(async (statements) => {
    await runRow(statements, id);
    await statements.run("UPDATE runs SET lifecycle_stage = ?, deleted_time = ? WHERE run_uuid = ?", [
      stage,
      stage === "deleted" ? now() : null,
      id,
    ]);
  });
}
