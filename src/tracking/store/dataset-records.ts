// Records of evaluation data sets. One with the inputs of another takes its place.
import { createHash, randomUUID } from "node:crypto";
import { setImmediate as turnOfOthers } from "node:timers/promises";
import type { SqlRow, Statements } from "../../io/sql/database.ts";
import type { JsonValue } from "../../mlflow/wire/field-type.ts";
import { pythonJson } from "./assessments.ts";
import { digestOf, evaluationDatasetRow, userTag } from "./evaluation-datasets.ts";
import { numberOf, optionalText, queryIn, textOf } from "./rows.ts";

export type JsonRecord = { readonly [key: string]: JsonValue | undefined };

/** MLflow keeps outputs, which may be no record, below this name. */
const outputsKey = "mlflow_wrapped";

export interface Upserted {
  readonly inserted: number;
  readonly updated: number;
}

/** How long one request works before whatever else waits has its turn, in milliseconds. */
const turnMs = 10;

/** @throws WireError */
export async function upsertRecords(
  statements: Statements,
  { id, records, time }: { readonly id: string; readonly records: readonly JsonRecord[]; readonly time: number },
): Promise<Upserted> {
  const dataset = await evaluationDatasetRow(statements, id);
  let [inserted, updated] = [0, 0];
  let user: string | null = null;
  let turnEnd = performance.now() + turnMs;
  for (const record of records) {
    if (performance.now() >= turnEnd) {
      await turnOfOthers();
      turnEnd = performance.now() + turnMs;
    }
    const by = userOf(record);
    user = by ?? user;
    if (await putRecord(statements, { id, record, time, by })) inserted++;
    else updated++;
  }
  const schema = schemaOf(optionalText(dataset, "schema"), records);
  await statements.run(
    "UPDATE evaluation_datasets SET last_update_time = ?, last_updated_by = ?, digest = ?, schema = ?, profile = ? WHERE dataset_id = ?",
    [time, user, digestOf(textOf(dataset, "name"), time), schema, await profileOf(statements, id), id],
  );
  return { inserted, updated };
}

interface OneRecord {
  readonly id: string;
  readonly record: JsonRecord;
  readonly time: number;
  readonly by: string | null;
}

/** Whether it is new. */
async function putRecord(statements: Statements, { id, record, time, by }: OneRecord): Promise<boolean> {
  const inputs = record["inputs"] ?? {};
  const hash = createHash("sha256")
    .update(pythonJson(sorted(inputs)))
    .digest("hex");
  const [known] = await statements.query(
    "SELECT dataset_record_id, CAST(expectations AS TEXT) AS expectations, CAST(tags AS TEXT) AS tags FROM evaluation_dataset_records WHERE dataset_id = ? AND input_hash = ?",
    [id, hash],
  );
  // A new record without outputs has empty ones.
  const outputs = "outputs" in record ? (record["outputs"] ?? null) : {};
  const kept = outputs === null ? null : pythonJson({ [outputsKey]: outputs });
  if (known === undefined) {
    const source = objectOf(record["source"]);
    const sourceId = objectOf(source?.["source_data"])?.["trace_id"];
    await statements.run(
      "INSERT INTO evaluation_dataset_records (dataset_record_id, dataset_id, inputs, outputs, expectations, tags, source, source_id, source_type, created_time, last_update_time, created_by, last_updated_by, input_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      [
        `dr-${randomUUID().replaceAll("-", "")}`,
        id,
        pythonJson(inputs),
        kept,
        jsonOrNull(record["expectations"]),
        jsonOrNull(record["tags"]),
        jsonOrNull(record["source"]),
        typeof sourceId === "string" ? sourceId.slice(0, 36) : null,
        typeof source?.["source_type"] === "string" ? source["source_type"] : null,
        time,
        time,
        by,
        by,
        hash,
      ],
    );
    return true;
  }
  const merged = (name: "expectations" | "tags"): string | null => {
    const all = { ...objectOf(parsed(optionalText(known, name))), ...objectOf(record[name]) };
    return Object.keys(all).length === 0 ? null : pythonJson(all);
  };
  const sets = new Map<string, string | number | null>([
    ["last_update_time", time],
    ["expectations", merged("expectations")],
    ["tags", merged("tags")],
  ]);
  if ("outputs" in record) sets.set("outputs", kept);
  if (by !== null) sets.set("last_updated_by", by);
  await statements.run(
    `UPDATE evaluation_dataset_records SET ${[...sets.keys()].map((name) => `${name} = ?`).join(", ")} WHERE dataset_record_id = ?`,
    [...sets.values(), textOf(known, "dataset_record_id")],
  );
  return false;
}

export async function profileOf(statements: Statements, id: string): Promise<string | null> {
  const [row = {}] = await statements.query(
    "SELECT COUNT(*) AS n FROM evaluation_dataset_records WHERE dataset_id = ?",
    [id],
  );
  const count = numberOf(row, "n");
  return count === 0 ? null : `{"num_records": ${count}}`;
}

export async function dropRecords(statements: Statements, id: string, recordIds: readonly string[]): Promise<number> {
  await evaluationDatasetRow(statements, id);
  const rows = await queryIn(
    statements,
    "SELECT dataset_record_id FROM evaluation_dataset_records WHERE dataset_id = ? AND dataset_record_id IN (#)",
    { ids: recordIds, before: [id] },
  );
  const found = new Set(rows.map((row) => textOf(row, "dataset_record_id")));
  for (const each of found)
    await statements.run("DELETE FROM evaluation_dataset_records WHERE dataset_record_id = ?", [each]);
  await statements.run("UPDATE evaluation_datasets SET profile = ? WHERE dataset_id = ?", [
    await profileOf(statements, id),
    id,
  ]);
  return found.size;
}

export interface RecordPage {
  /** The records as JSON's text. */
  readonly records: string;
  /** Of the last one, when there are more. */
  readonly next: readonly [number, string] | null;
}

export async function recordPage(
  statements: Statements,
  { id, after, size }: { readonly id: string; readonly after: readonly [number, string] | null; readonly size: number },
): Promise<RecordPage> {
  await evaluationDatasetRow(statements, id);
  const rows = await statements.query(
    `SELECT dataset_record_id, dataset_id, CAST(inputs AS TEXT) AS inputs, CAST(outputs AS TEXT) AS outputs, CAST(expectations AS TEXT) AS expectations, CAST(tags AS TEXT) AS tags, CAST(source AS TEXT) AS source, source_id, source_type, created_time, last_update_time, created_by, last_updated_by
     FROM evaluation_dataset_records WHERE dataset_id = ?${after === null ? "" : " AND (created_time > ? OR (created_time = ? AND dataset_record_id > ?))"}
     ORDER BY created_time, dataset_record_id LIMIT ?`,
    [id, ...(after === null ? [] : [after[0], after[0], after[1]]), size + 1],
  );
  const page = rows.slice(0, size);
  const last = page.at(-1);
  const next: RecordPage["next"] =
    rows.length > size && last !== undefined
      ? [numberOf(last, "created_time"), textOf(last, "dataset_record_id")]
      : null;
  return { records: pythonJson(page.map(recordJson)), next };
}

/** What is not there is left out. */
function recordJson(row: SqlRow): JsonValue {
  const json = (name: string): JsonValue => parsed(optionalText(row, name));
  const outputs = objectOf(json("outputs"));
  const all: JsonRecord = {
    dataset_record_id: textOf(row, "dataset_record_id"),
    dataset_id: textOf(row, "dataset_id"),
    inputs: json("inputs"),
    expectations: json("expectations"),
    tags: json("tags"),
    source: json("source"),
    source_id: row["source_id"] ?? null,
    source_type: row["source_type"] ?? null,
    created_time: numberOf(row, "created_time"),
    last_update_time: numberOf(row, "last_update_time"),
    created_by: row["created_by"] ?? null,
    last_updated_by: row["last_updated_by"] ?? null,
    outputs: outputs?.[outputsKey] ?? null,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

function userOf(record: JsonRecord): string | null {
  const user = objectOf(record["tags"])?.[userTag];
  return typeof user === "string" ? user.slice(0, 255) : null;
}

/** Fields that were seen once stay as they were seen. */
function schemaOf(text: string | undefined, records: readonly JsonRecord[]): string | null {
  if (text === undefined && records.length === 0) return null;
  const known = objectOf(parsed(text)) ?? {};
  const parts = new Map(["inputs", "outputs", "expectations"].map((name) => [name, known[name] ?? {}]));
  for (const record of records) {
    for (const [name, seen] of parts) {
      const value = record[name] ?? null;
      const fields = objectOf(value);
      if (fields === undefined) {
        const isEmpty = Object.keys(objectOf(seen) ?? { is: true }).length === 0;
        if (name === "outputs" && value !== null && isEmpty) parts.set(name, typeName(value));
        continue;
      }
      const types = Object.entries(fields).map(([key, each]) => [key, typeName(each ?? null)]);
      const before = objectOf(seen);
      if (before !== undefined) parts.set(name, { ...Object.fromEntries(types), ...before });
    }
  }
  return pythonJson({ ...Object.fromEntries(parts), version: "1.0" });
}

function typeName(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "float";
  return typeof value;
}

function objectOf(value: JsonValue | undefined): JsonRecord | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonRecord) : undefined;
}

function jsonOrNull(value: JsonValue | undefined): string | null {
  return value === undefined || value === null ? null : pythonJson(value);
}

function parsed(text: string | undefined): JsonValue {
  return text === undefined ? null : (JSON.parse(text) as JsonValue);
}

/** As Python's `sort_keys` has it, so that equal inputs have equal hashes. */
function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  const record = objectOf(value);
  if (record === undefined) return value;
  const keys = Object.keys(record).sort((a, b) => (a < b ? -1 : 1));
  return Object.fromEntries(keys.map((key) => [key, sorted(record[key] ?? null)]));
}
