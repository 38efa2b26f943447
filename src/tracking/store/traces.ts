// Traces: what is known of one besides its spans. `request_id` is the old name of a trace's identifier.
import type { SqlRow, Statements } from "../../io/sql/database.ts";
import type { MessageInput } from "../../mlflow/wire/field-type.ts";
import { invalidParameter, WireError } from "../../mlflow/wire/wire-error.ts";
import { assessmentsOf } from "./assessments.ts";
import { activeExperimentRow } from "./experiments.ts";
import { grouped, numberOf, optionalText, queryIn, textOf } from "./rows.ts";
import { factsOfColumns, hasTraceColumns, putTraceColumns, type TraceFacts, traceNameTag } from "./trace-columns.ts";
import { locationBelow, type TrackingStore } from "./tracking-store.ts";

export const spansLocationTag = "mlflow.trace.spansLocation";
const locationTag = "mlflow.artifactLocation";
/** Which the server alone writes. */
export const ownTags: ReadonlySet<string> = new Set([
  locationTag,
  spansLocationTag,
  "mlflow.trace.archiveLocation",
  "mlflow.trace.archivalFailure",
]);

export interface NewTrace extends TraceFacts {
  readonly id: string;
  readonly experimentId: string;
  readonly time: number;
  readonly duration: number | null;
  readonly status: string;
  readonly clientRequestId: string | null;
  readonly requestPreview: string | null;
  readonly responsePreview: string | null;
}

/** As it is, or over what its spans told before. @throws WireError */
export async function putTrace(store: TrackingStore, statements: Statements, trace: NewTrace): Promise<void> {
  const { id, time, duration, status, clientRequestId } = trace;
  const experiment = await activeExperimentRow(statements, trace.experimentId);
  const previews = [trace.requestPreview, trace.responsePreview].map((text) => text?.slice(0, 1000) ?? null);
  const rows = await statements.query(`SELECT experiment_id FROM trace_info WHERE request_id = ?${statements.lock}`, [
    id,
  ]);
  if (rows[0] === undefined) {
    await statements.run(
      "INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, execution_time_ms, status, client_request_id, request_preview, response_preview) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      [id, numberOf(experiment, "experiment_id"), time, duration, status, clientRequestId, ...previews],
    );
  } else {
    if (textOf(rows[0], "experiment_id") !== textOf(experiment, "experiment_id")) {
      throw invalidParameter(`Trace with ID '${id}' already exists in another experiment.`);
    }
    await statements.run(
      "UPDATE trace_info SET timestamp_ms = ?, execution_time_ms = ?, status = ?, client_request_id = ?, request_preview = COALESCE(?, request_preview), response_preview = COALESCE(?, response_preview) WHERE request_id = ?",
      [time, duration, status, clientRequestId, ...previews, id],
    );
  }
  const location = locationBelow(textOf(experiment, "artifact_location"), "traces", id, "artifacts");
  const tags = new Map([...trace.tags].filter(([key]) => !ownTags.has(key)));
  await putFacts(store, statements, { id, tags: tags.set(locationTag, location), metadata: trace.metadata });
}

/** @throws WireError */
export async function putFacts(
  { database }: TrackingStore,
  statements: Statements,
  { id, ...facts }: TraceFacts & { readonly id: string },
): Promise<void> {
  for (const key of [...facts.tags.keys(), ...facts.metadata.keys()]) {
    if (key === "" || key.length > 250) throw invalidParameter("A trace's key must have 1 to 250 characters.");
  }
  const { tags, metadata } = (await hasTraceColumns(database)) ? await putTraceColumns(statements, id, facts) : facts;
  for (const [table, values] of [
    ["trace_tags", tags],
    ["trace_request_metadata", metadata],
  ] as const) {
    await statements.insertMany(
      `INSERT INTO ${table} (request_id, key, value) VALUES (?, ?, ?) ON CONFLICT (key, request_id) DO UPDATE SET value = excluded.value`,
      [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [id, key, value.slice(0, 8000)]),
    );
  }
}

/** @throws WireError */
export async function traceRow(statements: Statements, id: string): Promise<SqlRow> {
  const rows = await statements.query(`SELECT * FROM trace_info WHERE request_id = ?${statements.lock}`, [id]);
  if (rows[0] === undefined) {
    throw new WireError("RESOURCE_DOES_NOT_EXIST", `Trace with ID '${id.slice(0, 100)}' not found.`);
  }
  return rows[0];
}

/** Where a trace's files lie; null: nobody knows. */
export async function locationOf(statements: Statements, id: string): Promise<string | null> {
  const rows = await statements.query("SELECT value FROM trace_tags WHERE request_id = ? AND key = ?", [
    id,
    locationTag,
  ]);
  return rows[0] === undefined ? null : textOf(rows[0], "value");
}

/** @throws WireError when there is no such tag */
export async function dropTraceTag({ database }: TrackingStore, id: string, key: string): Promise<void> {
  await database.transaction(async (statements) => {
    await traceRow(statements, id);
    let count = await statements.run("DELETE FROM trace_tags WHERE request_id = ? AND key = ?", [id, key]);
    if (count === 0 && key === traceNameTag && (await hasTraceColumns(database))) {
      count = await statements.run(
        "UPDATE trace_info SET trace_name = NULL WHERE request_id = ? AND trace_name IS NOT NULL",
        [id],
      );
    }
    if (count === 0) {
      throw new WireError("RESOURCE_DOES_NOT_EXIST", `No trace tag with key '${key}' for trace with ID '${id}'`);
    }
  });
}

export interface TraceAnswer {
  readonly id: string;
  readonly experimentId: string;
  readonly time: number;
  readonly duration: number | null;
  readonly status: string;
  readonly info: MessageInput<"TraceInfoV3">;
  readonly tags: ReadonlyMap<string, string>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** In the order of the rows. */
export async function traceAnswers(statements: Statements, rows: readonly SqlRow[]): Promise<readonly TraceAnswer[]> {
  const ids = rows.map((row) => textOf(row, "request_id"));
  const read = async (table: string): Promise<ReadonlyMap<string, readonly SqlRow[]>> =>
    grouped(
      await queryIn(statements, `SELECT request_id, key, value FROM ${table} WHERE request_id IN (#) ORDER BY key`, {
        ids,
      }),
      "request_id",
    );
  const tags = await read("trace_tags");
  const metadata = await read("trace_request_metadata");
  const assessments = await assessmentsOf(statements, ids);
  return rows.map((row) => {
    const id = textOf(row, "request_id");
    const columns = factsOfColumns(row);
    return traceAnswer(row, {
      tags: new Map([...pairs(tags.get(id)), ...columns.tags]),
      metadata: new Map([...pairs(metadata.get(id)), ...columns.metadata]),
      assessments: assessments.get(id) ?? [],
    });
  });
}

function traceAnswer(
  row: SqlRow,
  { tags, metadata, assessments }: TraceFacts & { readonly assessments: readonly MessageInput<"Assessment">[] },
): TraceAnswer {
  const id = textOf(row, "request_id");
  const experimentId = textOf(row, "experiment_id");
  const time = numberOf(row, "timestamp_ms");
  const duration = row["execution_time_ms"] === null ? null : numberOf(row, "execution_time_ms");
  const status = textOf(row, "status");
  const info: MessageInput<"TraceInfoV3"> = {
    trace_id: id,
    client_request_id: optionalText(row, "client_request_id"),
    trace_location: { type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: experimentId } },
    request_preview: optionalText(row, "request_preview"),
    response_preview: optionalText(row, "response_preview"),
    request_time: timestampText(time),
    execution_duration: duration === null ? undefined : durationText(duration),
    state: stateOf(status),
    trace_metadata: Object.fromEntries(metadata),
    assessments,
    tags: Object.fromEntries(tags),
  };
  return { id, experimentId, time, duration, status, info, tags, metadata };
}

function pairs(rows: readonly SqlRow[] | undefined): [string, string][] {
  return (rows ?? []).map((row) => [textOf(row, "key"), textOf(row, "value")]);
}

export function stateOf(status: string): "OK" | "ERROR" | "IN_PROGRESS" | "STATE_UNSPECIFIED" {
  return status === "OK" || status === "ERROR" || status === "IN_PROGRESS" ? status : "STATE_UNSPECIFIED";
}

export function timestampText(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

export function durationText(ms: number): string {
  const whole = Math.trunc(ms / 1000);
  const rest = Math.abs(ms % 1000);
  const sign = ms < 0 && whole === 0 ? "-" : "";
  return rest === 0 ? `${whole}s` : `${sign}${whole}.${String(rest).padStart(3, "0")}s`;
}

/** What hangs on them goes with them. */
export async function dropTraces(statements: Statements, ids: readonly string[]): Promise<number> {
  let count = 0;
  for (const id of ids) {
    await statements.run("DELETE FROM entity_associations WHERE source_type = 'trace' AND source_id = ?", [id]);
    count += await statements.run("DELETE FROM trace_info WHERE request_id = ?", [id]);
  }
  return count;
}
