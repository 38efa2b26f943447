// Experiments and their tags.
import type { SqlRow, Statements } from "../../io/sql/database.ts";
import type { MessageInput } from "../../mlflow/wire/field-type.ts";
import { WireError } from "../../mlflow/wire/wire-error.ts";
import { grouped, numberOf, optionalNumber, optionalText, queryIn, textOf } from "./rows.ts";
import { locationBelow, type TrackingStore } from "./tracking-store.ts";

export type ExperimentAnswer = MessageInput<"Experiment">;

export interface NewExperiment {
  readonly name: string;
  readonly location: string | undefined;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

/** Every store has the experiment 0. */
export async function ensureDefaultExperiment({ database, now, artifactRoot }: TrackingStore): Promise<void> {
  const known = await database.query("SELECT experiment_id FROM experiments LIMIT 1");
  if (known.length > 0 || database.isReadOnly) return;
  await database.transaction(async (statements) => {
    const rows = await statements.query("SELECT experiment_id FROM experiments LIMIT 1");
    if (rows.length > 0) return;
    const time = now();
    await statements.run(
      "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time) VALUES (0, 'Default', ?, 'active', ?, ?)",
      [locationBelow(artifactRoot, "0"), time, time],
    );
  });
}

/** @throws WireError RESOURCE_ALREADY_EXISTS */
export function createExperiment(store: TrackingStore, { name, location, tags }: NewExperiment): Promise<string> {
  return store.database.transaction(async (statements) => {
    const taken = await statements.query("SELECT lifecycle_stage FROM experiments WHERE name = ?", [name]);
    if (taken.length > 0) throw experimentExists(name, taken[0]);
    // The number is the database's: a sequence of PostgreSQL knows nothing of numbers that were written past it.
    const time = store.now();
    const rows = await statements.query(
      "INSERT INTO experiments (name, lifecycle_stage, creation_time, last_update_time) VALUES (?, 'active', ?, ?) RETURNING experiment_id",
      [name, time, time],
    );
    const id = numberOf(rows[0] ?? {}, "experiment_id");
    const place = location ?? locationBelow(store.artifactRoot, String(id));
    await statements.run("UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?", [place, id]);
    for (const { key, value } of tags) await putTag(statements, { id, key, value });
    return String(id);
  });
}

function experimentExists(name: string, row: SqlRow | undefined): WireError {
  const isDeleted = row?.["lifecycle_stage"] === "deleted";
  const what = isDeleted
    ? "It is in the deleted state: restore it, or delete it for good, to use its name again."
    : "UNIQUE constraint failed: experiments.name";
  return new WireError("RESOURCE_ALREADY_EXISTS", `Experiment(name=${name}) already exists. Error: ${what}`);
}

/** The number of an experiment. @throws WireError: with SQL stores they are numbers */
export function experimentNumber(id: string): number {
  if (!/^\d{1,15}$/.test(id)) throw noExperiment(id);
  return Number(id);
}

function noExperiment(id: string): WireError {
  return new WireError("RESOURCE_DOES_NOT_EXIST", `No Experiment with id=${id.slice(0, 100)} exists`);
}

/** The row. @throws WireError */
export async function experimentRow(statements: Statements, id: string): Promise<SqlRow> {
  const rows = await statements.query("SELECT * FROM experiments WHERE experiment_id = ?", [experimentNumber(id)]);
  if (rows[0] === undefined) throw noExperiment(id);
  return rows[0];
}

/** @throws WireError */
export async function activeExperimentRow(statements: Statements, id: string): Promise<SqlRow> {
  const row = await experimentRow(statements, id);
  if (row["lifecycle_stage"] !== "active") {
    throw new WireError(
      "INVALID_PARAMETER_VALUE",
      `The experiment ${id} must be in the 'active' state. Current state is ${textOf(row, "lifecycle_stage")}.`,
    );
  }
  return row;
}

export async function getExperiment({ database }: TrackingStore, id: string): Promise<ExperimentAnswer> {
  const [answer] = await withTags(database, [await experimentRow(database, id)]);
  return answer ?? {};
}

export async function getExperimentByName({ database }: TrackingStore, name: string): Promise<ExperimentAnswer> {
  const rows = await database.query("SELECT * FROM experiments WHERE name = ?", [name]);
  const [answer] = await withTags(database, rows);
  if (answer === undefined) {
    throw new WireError("RESOURCE_DOES_NOT_EXIST", `Could not find experiment with name '${name.slice(0, 500)}'`);
  }
  return answer;
}

export async function withTags(statements: Statements, rows: readonly SqlRow[]): Promise<readonly ExperimentAnswer[]> {
  const sql = "SELECT experiment_id, key, value FROM experiment_tags WHERE experiment_id IN (#) ORDER BY key";
  const tags = grouped(
    await queryIn(statements, sql, { ids: rows.map((row) => numberOf(row, "experiment_id")) }),
    "experiment_id",
  );
  return rows.map((row) => ({
    experiment_id: textOf(row, "experiment_id"),
    name: textOf(row, "name"),
    artifact_location: textOf(row, "artifact_location"),
    lifecycle_stage: textOf(row, "lifecycle_stage"),
    last_update_time: optionalNumber(row, "last_update_time"),
    creation_time: optionalNumber(row, "creation_time"),
    tags: (tags.get(textOf(row, "experiment_id")) ?? []).map((tag) => ({
      key: textOf(tag, "key"),
      value: optionalText(tag, "value"),
    })),
  }));
}

export function renameExperiment({ database, now }: TrackingStore, id: string, name: string): Promise<void> {
  return database.transaction(async (statements) => {
    const row = await experimentRow(statements, id);
    // MLflow answers 500 here, which its clients ask again and again after.
    if (row["lifecycle_stage"] !== "active")
      throw new WireError("INVALID_PARAMETER_VALUE", "Cannot rename a non-active experiment.");
    const taken = await statements.query(
      "SELECT lifecycle_stage FROM experiments WHERE name = ? AND experiment_id <> ?",
      [name, experimentNumber(id)],
    );
    if (taken.length > 0) throw experimentExists(name, taken[0]);
    await statements.run("UPDATE experiments SET name = ?, last_update_time = ? WHERE experiment_id = ?", [
      name,
      now(),
      experimentNumber(id),
    ]);
  });
}

/** Its runs go with it, and come back with it. @throws WireError */
export function moveExperiment(
  { database, now }: TrackingStore,
  id: string,
  stage: "active" | "deleted",
): Promise<void> {
  const other = stage === "active" ? "deleted" : "active";
  return database.transaction(async (statements) => {
    const row = await experimentRow(statements, id);
    if (row["lifecycle_stage"] !== other) throw noExperiment(id);
    const number = experimentNumber(id);
    const time = now();
    await statements.run("UPDATE experiments SET lifecycle_stage = ?, last_update_time = ? WHERE experiment_id = ?", [
      stage,
      time,
      number,
    ]);
    await statements.run(
      "UPDATE runs SET lifecycle_stage = ?, deleted_time = ? WHERE experiment_id = ? AND lifecycle_stage = ?",
      [stage, stage === "deleted" ? time : null, number, other],
    );
  });
}

interface TagOf {
  readonly id: number;
  readonly key: string;
  readonly value: string;
}

async function putTag(statements: Statements, { id, key, value }: TagOf): Promise<void> {
  await statements.run(
    "INSERT INTO experiment_tags (experiment_id, key, value) VALUES (?, ?, ?) ON CONFLICT (key, experiment_id) DO UPDATE SET value = excluded.value",
    [id, key, value],
  );
}

export function setExperimentTag(
  { database, now }: TrackingStore,
  id: string,
  tag: Pick<TagOf, "key" | "value">,
): Promise<void> {
  return database.transaction(async (statements) => {
    await activeExperimentRow(statements, id);
    await putTag(statements, { id: experimentNumber(id), ...tag });
    await touch(statements, id, now());
  });
}

/** @throws WireError when there is no such tag */
export function deleteExperimentTag({ database, now }: TrackingStore, id: string, key: string): Promise<void> {
  return database.transaction(async (statements) => {
    await activeExperimentRow(statements, id);
    const count = await statements.run("DELETE FROM experiment_tags WHERE experiment_id = ? AND key = ?", [
      experimentNumber(id),
      key,
    ]);
    if (count === 0) {
      throw new WireError("RESOURCE_DOES_NOT_EXIST", `No tag with name: ${key} in experiment with id ${id}`);
    }
    await touch(statements, id, now());
  });
}

async function touch(statements: Statements, id: string, time: number): Promise<void> {
  await statements.run("UPDATE experiments SET last_update_time = ? WHERE experiment_id = ?", [
    time,
    experimentNumber(id),
  ]);
}
