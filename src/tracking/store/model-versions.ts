// Versions of registered models.
import type { SqlRow, Statements } from "../../io/sql/database.ts";
import type { MessageInput } from "../../mlflow/wire/field-type.ts";
import { WireError } from "../../mlflow/wire/wire-error.ts";
import { grouped, numberOf, optionalText, queryIn, textOf } from "./rows.ts";
import type { TrackingStore } from "./tracking-store.ts";

export type VersionAnswer = MessageInput<"ModelVersion">;

export const stages = ["None", "Staging", "Production", "Archived"] as const;
export type Stage = (typeof stages)[number];

/** The stage of a deleted version: its number is never given again. */
export const deletedStage = "Deleted_Internal";

/** @throws WireError */
export async function versionRow(statements: Statements, name: string, version: number): Promise<SqlRow> {
  const rows = await statements.query(
    `SELECT * FROM model_versions WHERE name = ? AND version = ? AND current_stage <> ?${statements.lock}`,
    [name, version, deletedStage],
  );
  if (rows[0] === undefined) {
    throw new WireError(
      "RESOURCE_DOES_NOT_EXIST",
      `Model Version (name=${name.slice(0, 300)}, version=${version}) not found`,
    );
  }
  return rows[0];
}

export interface NewVersion {
  readonly name: string;
  readonly source: string;
  readonly location: string | null;
  readonly runId: string;
  readonly runLink: string;
  readonly description: string;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

/** Gives its number. */
export async function insertVersion(statements: Statements, version: NewVersion, time: number): Promise<number> {
  const { name, source, location, runId, runLink, description, tags } = version;
  const rows = await statements.query("SELECT max(version) AS last FROM model_versions WHERE name = ?", [name]);
  const number = numberOf(rows[0] ?? {}, "last") + 1;
  await statements.run(
    `INSERT INTO model_versions (name, version, creation_time, last_updated_time, description, current_stage, source, storage_location, run_id, run_link, status)
     VALUES (?, ?, ?, ?, ?, 'None', ?, ?, ?, ?, 'READY')`,
    [name, number, time, time, description, source, location, runId, runLink],
  );
  await statements.run("UPDATE registered_models SET last_updated_time = ? WHERE name = ?", [time, name]);
  for (const tag of tags) await putVersionTag(statements, { name, version: number }, tag);
  return number;
}

export interface VersionKey {
  readonly name: string;
  readonly version: number;
}

export async function putVersionTag(
  statements: Statements,
  { name, version }: VersionKey,
  { key, value }: { readonly key: string; readonly value: string },
): Promise<void> {
  const changed = await statements.run(
    "UPDATE model_version_tags SET value = ? WHERE name = ? AND version = ? AND key = ?",
    [value, name, version, key],
  );
  if (changed > 0) return;
  await statements.run("INSERT INTO model_version_tags (name, version, key, value) VALUES (?, ?, ?, ?)", [
    name,
    version,
    key,
    value,
  ]);
}

export async function versionAnswer(statements: Statements, { name, version }: VersionKey): Promise<VersionAnswer> {
  const [answer] = await versionAnswers(statements, [await versionRow(statements, name, version)]);
  return answer ?? {};
}

export async function versionAnswers(
  statements: Statements,
  rows: readonly SqlRow[],
): Promise<readonly VersionAnswer[]> {
  const found = await plainVersionAnswers(statements, rows);
  const aliases = grouped(
    await queryIn(
      statements,
      "SELECT name, version, alias FROM registered_model_aliases WHERE name IN (#) ORDER BY alias",
      { ids: [...new Set(rows.map((row) => textOf(row, "name")))] },
    ),
    "name",
  );
  return found.map((answer, index) => ({
    ...answer,
    aliases: (aliases.get(textOf(rows[index] ?? {}, "name")) ?? [])
      .filter((each) => textOf(each, "version") === answer.version)
      .map((each) => textOf(each, "alias")),
  }));
}

/** Without aliases, as lists of versions have them. */
export async function plainVersionAnswers(
  statements: Statements,
  rows: readonly SqlRow[],
): Promise<readonly VersionAnswer[]> {
  const ids = [...new Set(rows.map((row) => textOf(row, "name")))];
  const tags = grouped(
    await queryIn(
      statements,
      "SELECT name, version, key, value FROM model_version_tags WHERE name IN (#) ORDER BY key",
      { ids },
    ),
    "name",
  );
  return rows.map((row) => {
    const name = textOf(row, "name");
    const isSame = (other: SqlRow): boolean => numberOf(other, "version") === numberOf(row, "version");
    return {
      name,
      version: textOf(row, "version"),
      creation_timestamp: numberOf(row, "creation_time"),
      last_updated_timestamp: numberOf(row, "last_updated_time"),
      user_id: optionalText(row, "user_id"),
      current_stage: textOf(row, "current_stage"),
      description: textOf(row, "description"),
      source: textOf(row, "source"),
      run_id: textOf(row, "run_id"),
      status: statusOf(row),
      status_message: optionalText(row, "status_message"),
      tags: (tags.get(name) ?? [])
        .filter(isSame)
        .map((tag) => ({ key: textOf(tag, "key"), value: textOf(tag, "value") })),
      run_link: textOf(row, "run_link"),
    };
  });
}

function statusOf(row: SqlRow): "READY" | "PENDING_REGISTRATION" | "FAILED_REGISTRATION" {
  const status = row["status"];
  return status === "PENDING_REGISTRATION" || status === "FAILED_REGISTRATION" ? status : "READY";
}

/** Does something to a version that is there; both it and its model are newer then. @throws WireError */
export function changeVersion(
  { database, now }: TrackingStore,
  { name, version }: VersionKey,
  work: (statements: Statements, time: number) => Promise<void>,
): Promise<VersionAnswer> {
  return database.transaction(async (statements) => {
    await versionRow(statements, name, version);
    const time = now();
    await work(statements, time);
    const rows = await statements.query("SELECT * FROM model_versions WHERE name = ? AND version = ?", [name, version]);
    const [answer] = await versionAnswers(statements, rows);
    return answer ?? {};
  });
}

/** Its number and name stay, what it pointed at does not. */
export async function forgetVersion(
  statements: Statements,
  { name, version }: VersionKey,
  time: number,
): Promise<void> {
  await statements.run(
    `UPDATE model_versions SET current_stage = ?, last_updated_time = ?, description = NULL, user_id = NULL,
       source = 'REDACTED-SOURCE-PATH', run_id = 'REDACTED-RUN-ID', run_link = 'REDACTED-RUN-LINK', status_message = NULL
     WHERE name = ? AND version = ?`,
    [deletedStage, time, name, version],
  );
  await statements.run("DELETE FROM registered_model_aliases WHERE name = ? AND version = ?", [name, version]);
  await statements.run("DELETE FROM model_version_tags WHERE name = ? AND version = ?", [name, version]);
  await statements.run("UPDATE registered_models SET last_updated_time = ? WHERE name = ?", [time, name]);
}

export async function moveToStage(
  statements: Statements,
  { name, version }: VersionKey,
  { stage, archiveOthers, time }: { readonly stage: Stage; readonly archiveOthers: boolean; readonly time: number },
): Promise<void> {
  if (archiveOthers) {
    await statements.run(
      "UPDATE model_versions SET current_stage = 'Archived', last_updated_time = ? WHERE name = ? AND current_stage = ? AND version <> ?",
      [time, name, stage, version],
    );
  }
  await statements.run(
    "UPDATE model_versions SET current_stage = ?, last_updated_time = ? WHERE name = ? AND version = ?",
    [stage, time, name, version],
  );
  await statements.run("UPDATE registered_models SET last_updated_time = ? WHERE name = ?", [time, name]);
}
