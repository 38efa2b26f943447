// Registered models: names, descriptions, tags, and the aliases of their versions.
import type { SqlRow, Statements } from "../../io/sql/database.ts";
import type { MessageInput } from "../../mlflow/wire/field-type.ts";
import { WireError } from "../../mlflow/wire/wire-error.ts";
import { plainVersionAnswers } from "./model-versions.ts";
import { grouped, numberOf, optionalText, queryIn, textOf } from "./rows.ts";
import type { TrackingStore } from "./tracking-store.ts";

export type RegisteredAnswer = MessageInput<"RegisteredModel">;

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** @throws WireError */
export async function registeredRow(statements: Statements, name: string): Promise<SqlRow> {
  const rows = await statements.query(`SELECT * FROM registered_models WHERE name = ?${statements.lock}`, [name]);
  if (rows[0] === undefined) {
    throw new WireError("RESOURCE_DOES_NOT_EXIST", `Registered Model with name=${name.slice(0, 300)} not found`);
  }
  return rows[0];
}

async function assertNameFree(statements: Statements, name: string): Promise<void> {
  const rows = await statements.query("SELECT name FROM registered_models WHERE name = ?", [name]);
  if (rows.length > 0)
    throw new WireError("RESOURCE_ALREADY_EXISTS", `Registered Model (name=${name}) already exists.`);
}

export interface NewRegistered {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly Tag[];
}

export function createRegistered(
  { database, now }: TrackingStore,
  { name, description, tags }: NewRegistered,
): Promise<RegisteredAnswer> {
  return database.transaction(async (statements) => {
    await assertNameFree(statements, name);
    const time = now();
    await statements.run(
      "INSERT INTO registered_models (name, creation_time, last_updated_time, description) VALUES (?, ?, ?, ?)",
      [name, time, time, description],
    );
    for (const tag of tags) await putRegisteredTag(statements, name, tag);
    return registeredAnswer(statements, name);
  });
}

export async function registeredAnswer(statements: Statements, name: string): Promise<RegisteredAnswer> {
  const [answer] = await registeredAnswers(statements, [await registeredRow(statements, name)]);
  return answer ?? {};
}

export async function registeredAnswers(
  statements: Statements,
  rows: readonly SqlRow[],
): Promise<readonly RegisteredAnswer[]> {
  const ids = rows.map((row) => textOf(row, "name"));
  const tags = grouped(
    await queryIn(statements, "SELECT name, key, value FROM registered_model_tags WHERE name IN (#) ORDER BY key", {
      ids,
    }),
    "name",
  );
  const aliases = grouped(
    await queryIn(
      statements,
      "SELECT name, alias, version FROM registered_model_aliases WHERE name IN (#) ORDER BY alias",
      { ids },
    ),
    "name",
  );
  const versions = await latestVersions(statements, ids);
  return rows.map((row) => {
    const name = textOf(row, "name");
    return {
      name,
      creation_timestamp: numberOf(row, "creation_time"),
      last_updated_timestamp: numberOf(row, "last_updated_time"),
      description: textOf(row, "description") || undefined,
      latest_versions: versions.filter((version) => version.name === name),
      tags: (tags.get(name) ?? []).map((tag) => ({ key: textOf(tag, "key"), value: textOf(tag, "value") })),
      aliases: (aliases.get(name) ?? []).map((each) => ({
        alias: textOf(each, "alias"),
        version: textOf(each, "version"),
      })),
    };
  });
}

/** The newest version of each stage, without aliases. */
export async function latestVersions(
  statements: Statements,
  names: readonly string[],
): Promise<readonly MessageInput<"ModelVersion">[]> {
  const rows = await queryIn(
    statements,
    `SELECT v.* FROM model_versions v JOIN (
       SELECT name, current_stage, max(version) AS version FROM model_versions
       WHERE current_stage <> 'Deleted_Internal' AND name IN (#) GROUP BY name, current_stage
     ) l ON l.name = v.name AND l.version = v.version ORDER BY v.name, v.version`,
    { ids: names },
  );
  return plainVersionAnswers(statements, rows);
}

export async function putRegisteredTag(statements: Statements, name: string, { key, value }: Tag): Promise<void> {
  const changed = await statements.run("UPDATE registered_model_tags SET value = ? WHERE name = ? AND key = ?", [
    value,
    name,
    key,
  ]);
  if (changed > 0) return;
  await statements.run("INSERT INTO registered_model_tags (name, key, value) VALUES (?, ?, ?)", [name, key, value]);
}

export async function touchRegistered(statements: Statements, name: string, time: number): Promise<void> {
  await statements.run("UPDATE registered_models SET last_updated_time = ? WHERE name = ?", [time, name]);
}

/** Does something to a model that is there. @throws WireError */
export function changeRegistered(
  { database }: TrackingStore,
  name: string,
  work: (statements: Statements) => Promise<void>,
): Promise<void> {
  return database.transaction(async (statements) => {
    await registeredRow(statements, name);
    await work(statements);
  });
}

/** Versions, tags and aliases take the new name with them. */
export function renameRegistered(store: TrackingStore, name: string, newName: string): Promise<RegisteredAnswer> {
  return store.database.transaction(async (statements) => {
    await registeredRow(statements, name);
    if (name !== newName) await assertNameFree(statements, newName);
    const time = store.now();
    // The tables' own ON UPDATE CASCADE does the rest.
    await statements.run("UPDATE registered_models SET name = ?, last_updated_time = ? WHERE name = ?", [
      newName,
      time,
      name,
    ]);
    await statements.run("UPDATE model_versions SET last_updated_time = ? WHERE name = ?", [time, newName]);
    return registeredAnswer(statements, newName);
  });
}

export function deleteRegistered(store: TrackingStore, name: string): Promise<void> {
  return changeRegistered(store, name, async (statements) => {
    for (const table of [
      "model_version_tags",
      "registered_model_aliases",
      "registered_model_tags",
      "model_versions",
      "registered_models",
    ]) {
      await statements.run(`DELETE FROM ${table} WHERE name = ?`, [name]);
    }
  });
}

export function describeRegistered(store: TrackingStore, name: string, description: string): Promise<RegisteredAnswer> {
  return store.database.transaction(async (statements) => {
    await registeredRow(statements, name);
    await statements.run("UPDATE registered_models SET description = ?, last_updated_time = ? WHERE name = ?", [
      description,
      store.now(),
      name,
    ]);
    return registeredAnswer(statements, name);
  });
}

export async function putAlias(
  statements: Statements,
  { name, alias, version }: { readonly name: string; readonly alias: string; readonly version: number },
): Promise<void> {
  const changed = await statements.run("UPDATE registered_model_aliases SET version = ? WHERE name = ? AND alias = ?", [
    version,
    name,
    alias,
  ]);
  if (changed > 0) return;
  await statements.run("INSERT INTO registered_model_aliases (name, alias, version) VALUES (?, ?, ?)", [
    name,
    alias,
    version,
  ]);
}

/** The version of an alias. @throws WireError */
export async function aliasVersion(statements: Statements, name: string, alias: string): Promise<number> {
  await registeredRow(statements, name);
  const sql =
    alias.toLowerCase() === "latest"
      ? "SELECT max(version) AS version FROM model_versions WHERE name = ? AND current_stage <> 'Deleted_Internal'"
      : "SELECT version FROM registered_model_aliases WHERE name = ? AND alias = ?";
  const rows = await statements.query(sql, alias.toLowerCase() === "latest" ? [name] : [name, alias]);
  const version = optionalText(rows[0] ?? {}, "version");
  if (version === undefined)
    throw new WireError("INVALID_PARAMETER_VALUE", `Registered model alias ${alias.slice(0, 300)} not found.`);
  return Number(version);
}
