// Traces: what clients of MLflow 2 and 3 may ask. Those of 2 know a trace by its `request_id`.
import type { SqlRow } from "../../io/sql/database.ts";
import type { MessageInput } from "../../mlflow/wire/field-type.ts";
import { assertLength, pageLimits } from "../../mlflow/wire/limits.ts";
import { invalidParameter, missingParameter, WireError } from "../../mlflow/wire/wire-error.ts";
import { pageOf, pageSize, readPageToken } from "../search/page.ts";
import { traceSearchSql, traceWhere } from "../search/trace-search.ts";
import { link } from "../store/associations.ts";
import { experimentNumber } from "../store/experiments.ts";
import { numberOf, queryIn, textOf } from "../store/rows.ts";
import { activeRunRow } from "../store/runs.ts";
import { spansOf } from "../store/spans.ts";
import { hasTraceColumns } from "../store/trace-columns.ts";
import * as traces from "../store/traces.ts";
import type { TrackingStore } from "../store/tracking-store.ts";
import type { Handlers } from "./handler.ts";

/** What is asked of traces that are there. */
export type TraceNames =
  | "getTraceInfo"
  | "getTraceInfoV3"
  | "getTrace"
  | "batchGetTraces"
  | "batchGetTraceInfos"
  | "searchTraces"
  | "searchTracesV3"
  | "setTraceTag"
  | "setTraceTagV3"
  | "deleteTraceTag"
  | "deleteTraceTagV3"
  | "linkTracesToRun"
  | "linkPromptsToTrace"
  | "deleteTraces"
  | "deleteTracesV3"
  | "calculateTraceFilterCorrelation";

const maxLinks = 100;
const maxBatch = 1000;

export const traceHandlers: Handlers<TraceNames> = {
  getTraceInfo: async ({ request_id }, { store }) => ({ trace_info: infoV2(await one(store, request_id)) }),
  getTraceInfoV3: async ({ trace_id }, { store }) => ({ trace: { trace_info: (await one(store, trace_id)).info } }),
  getTrace: async ({ trace_id, allow_partial }, { store }) => {
    const { info } = await one(store, trace_id);
    const spans = (await spansOf(store.database, [trace_id])).get(trace_id) ?? [];
    if (spans.length === 0 && !allow_partial) {
      throw new WireError(
        "RESOURCE_DOES_NOT_EXIST",
        `Trace with ID ${trace_id} is not fully exported yet, please try again later.`,
      );
    }
    return { trace: { trace_info: info, spans } };
  },
  batchGetTraces: async ({ trace_ids }, { store }) => {
    const found = await many(store, trace_ids);
    const spans = await spansOf(
      store.database,
      found.map(({ id }) => id),
    );
    // Those without spans here keep them as artifacts.
    const whole = found.filter(({ id }) => spans.has(id));
    return { traces: whole.map(({ id, info }) => ({ trace_info: info, spans: spans.get(id) ?? [] })) };
  },
  batchGetTraceInfos: async ({ trace_ids }, { store }) => ({
    trace_infos: (await many(store, trace_ids)).map(({ info }) => info),
  }),
  searchTraces: async (request, { store }) => {
    const { found, token } = await search(store, { ...request, experimentIds: request.experiment_ids });
    return { traces: found.map(infoV2), next_page_token: token };
  },
  searchTracesV3: async (request, { store }) => {
    const experimentIds = request.locations.map(({ mlflow_experiment }) => {
      if (mlflow_experiment?.experiment_id === undefined) {
        throw invalidParameter("Traces are searched in experiments: a location must be one of type MLFLOW_EXPERIMENT.");
      }
      return mlflow_experiment.experiment_id;
    });
    const { found, token } = await search(store, { ...request, experimentIds });
    return { traces: found.map(({ info }) => info), next_page_token: token };
  },
  setTraceTag: ({ request_id, key, value = "" }, { store }) => setTag(store, request_id, { key, value }),
  setTraceTagV3: ({ trace_id, key, value = "" }, { store }) => setTag(store, trace_id, { key, value }),
  deleteTraceTag: ({ request_id, key }, { store }) => deleteTag(store, request_id, key),
  deleteTraceTagV3: ({ trace_id, key }, { store }) => deleteTag(store, trace_id, key),
  linkTracesToRun: async ({ trace_ids, run_id }, { store }) => {
    if (trace_ids.length > maxLinks) {
      throw invalidParameter(
        `Cannot link more than ${maxLinks} traces to a run in a single request. Provided ${trace_ids.length} traces.`,
      );
    }
    await store.database.transaction(async (statements) => {
      await activeRunRow(statements, run_id);
      for (const id of trace_ids) {
        await link(statements, { from: ["trace", id.slice(0, 36)], to: "run", ids: [run_id] }, store.now());
      }
    });
    return {};
  },
  linkPromptsToTrace: async ({ trace_id, prompt_versions }, { store }) => {
    const ids = prompt_versions.map(({ name = "", version = "" }) => `${name}/${version}`);
    for (const id of ids) assertLength(id, { path: "prompt_versions", max: 300 });
    await store.database.transaction(async (statements) => {
      await traces.traceRow(statements, trace_id);
      await link(statements, { from: ["trace", trace_id], to: "prompt_version", ids }, store.now());
    });
    return {};
  },
  deleteTraces: (request, { store }) => remove(store, request),
  deleteTracesV3: (request, { store }) => remove(store, request),
  calculateTraceFilterCorrelation: async (request, { store }) => {
    const { experiment_ids, filter_string1, filter_string2, base_filter = "" } = request;
    const experimentIds = numbersOf(experiment_ids);
    const setting = { dialect: store.database.dialect, hasColumns: await hasTraceColumns(store.database) };
    const count = async (...filters: readonly string[]): Promise<number> => {
      const parts = filters
        .filter((text) => text !== "")
        .map((filter) => traceWhere({ experimentIds, filter }, setting));
      const all = parts.length === 0 ? [traceWhere({ experimentIds, filter: "" }, setting)] : parts;
      const rows = await store.database.query(
        `SELECT COUNT(*) AS n FROM trace_info t WHERE ${all.map(({ sql }) => `(${sql})`).join(" AND ")}`,
        all.flatMap(({ parameters }) => parameters),
      );
      return numberOf(rows[0] ?? {}, "n");
    };
    const [total, one, two, joint] = [
      await count(base_filter),
      await count(base_filter, filter_string1),
      await count(base_filter, filter_string2),
      await count(base_filter, filter_string1, filter_string2),
    ];
    return {
      npmi: npmi({ total, one, two, joint }, 0),
      npmi_smoothed: npmi({ total, one, two, joint }, 0.5),
      filter1_count: one,
      filter2_count: two,
      joint_count: joint,
      total_count: total,
    };
  },
};

interface Counts {
  readonly total: number;
  readonly one: number;
  readonly two: number;
  readonly joint: number;
}

/** Normalized pointwise mutual information, of counts to which `more` was added in each of the four cells. */
function npmi({ total, one, two, joint }: Counts, more: number): number | undefined {
  if (total === 0 || one === 0 || two === 0) return undefined;
  const [all, both, first, second] = [total + 4 * more, joint + more, one + 2 * more, two + 2 * more];
  if (both === 0) return -1;
  if (both === all) return 1;
  const value = Math.log((both * all) / (first * second)) / -Math.log(both / all);
  return Math.max(-1, Math.min(1, value));
}

async function one(store: TrackingStore, id: string): Promise<traces.TraceAnswer> {
  const [answer] = await traces.traceAnswers(store.database, [await traces.traceRow(store.database, id)]);
  if (answer === undefined) throw new TypeError("a row without an answer");
  return answer;
}

/** In the order that was asked for; unknown ones are left out. */
async function many({ database }: TrackingStore, ids: readonly string[]): Promise<readonly traces.TraceAnswer[]> {
  if (ids.length > maxBatch) throw invalidParameter(`At most ${maxBatch} traces may be asked for at once.`);
  const rows = await queryIn(database, "SELECT * FROM trace_info WHERE request_id IN (#)", { ids });
  const byId = new Map<string, SqlRow>(rows.map((row) => [textOf(row, "request_id"), row]));
  return traces.traceAnswers(
    database,
    [...new Set(ids)].map((id) => byId.get(id)).filter((row) => row !== undefined),
  );
}

export function infoV2({
  id,
  experimentId,
  time,
  duration,
  status,
  metadata,
  tags,
}: traces.TraceAnswer): MessageInput<"TraceInfo"> {
  const state = traces.stateOf(status);
  const list = (values: ReadonlyMap<string, string>): { readonly key: string; readonly value: string }[] =>
    [...values].map(([key, value]) => ({ key, value }));
  return {
    request_id: id,
    experiment_id: experimentId,
    timestamp_ms: time,
    execution_time_ms: duration ?? 0,
    status: state === "STATE_UNSPECIFIED" ? "TRACE_STATUS_UNSPECIFIED" : state,
    request_metadata: list(metadata),
    tags: list(tags),
  };
}

function numbersOf(ids: readonly string[]): readonly number[] {
  return [...new Set(ids.map(experimentNumber))];
}

interface SearchRequest {
  readonly experimentIds: readonly string[];
  readonly filter?: string;
  readonly max_results: number;
  readonly order_by: readonly string[];
  readonly page_token?: string;
}

async function search(
  store: TrackingStore,
  { experimentIds, filter = "", max_results, order_by, page_token }: SearchRequest,
): Promise<{ readonly found: readonly traces.TraceAnswer[]; readonly token: string | undefined }> {
  const { database } = store;
  const size = pageSize(max_results, pageLimits.traces);
  const offset = readPageToken(page_token);
  const wanted = { experimentIds: numbersOf(experimentIds), filter, orderBy: order_by, limit: size + 1, offset };
  const setting = { dialect: database.dialect, hasColumns: await hasTraceColumns(database) };
  const { sql, parameters } = traceSearchSql(wanted, setting);
  const { rows, token } = pageOf(await database.query(sql, parameters), { offset, size });
  return { found: await traces.traceAnswers(database, rows), token };
}

async function setTag(
  store: TrackingStore,
  id: string,
  { key, value }: { readonly key: string; readonly value: string },
): Promise<Record<never, never>> {
  if (traces.ownTags.has(key)) throw invalidParameter(`Tag '${key}' is immutable and cannot be set on a trace.`);
  await store.database.transaction(async (statements) => {
    await traces.traceRow(statements, id);
    await traces.putFacts(store, statements, { id, tags: new Map([[key, value]]), metadata: new Map() });
  });
  return {};
}

async function deleteTag(store: TrackingStore, id: string, key: string): Promise<Record<never, never>> {
  if (traces.ownTags.has(key) && key !== "mlflow.trace.archivalFailure") {
    throw invalidParameter(`Tag '${key}' is immutable and cannot be deleted on a trace.`);
  }
  await traces.dropTraceTag(store, id, key);
  return {};
}

interface RemoveRequest {
  readonly experiment_id: string;
  readonly max_timestamp_millis?: number;
  readonly max_traces?: number;
  readonly request_ids: readonly string[];
}

async function remove(store: TrackingStore, request: RemoveRequest): Promise<{ readonly traces_deleted: number }> {
  const { experiment_id, max_timestamp_millis: before, max_traces: limit, request_ids } = request;
  const hasIds = request_ids.length > 0;
  if ((before === undefined) === !hasIds) {
    throw invalidParameter("Either `max_timestamp_millis` or `request_ids` must be specified, but not both.");
  }
  if (hasIds && limit !== undefined) {
    throw invalidParameter("`max_traces` can't be specified if `request_ids` is specified.");
  }
  if (limit !== undefined && limit <= 0) {
    throw missingOrPositive(limit);
  }
  const experiment = experimentNumber(experiment_id);
  const traces_deleted = await store.database.transaction(async (statements) => {
    const rows = hasIds
      ? await queryIn(statements, "SELECT request_id FROM trace_info WHERE experiment_id = ? AND request_id IN (#)", {
          ids: request_ids,
          before: [experiment],
        })
      : await statements.query(
          "SELECT request_id FROM trace_info WHERE experiment_id = ? AND timestamp_ms <= ? ORDER BY timestamp_ms, request_id LIMIT ?",
          [experiment, before ?? 0, limit ?? 1_000_000],
        );
    return traces.dropTraces(statements, [...new Set(rows.map((row) => textOf(row, "request_id")))]);
  });
  return { traces_deleted };
}

function missingOrPositive(limit: number): Error {
  return limit === 0
    ? missingParameter("max_traces")
    : invalidParameter(`\`max_traces\` must be a positive integer, received ${limit}.`);
}
