// Runs, and what is logged to them: parameters, metrics, tags, data sets, models.
import type { Database, SqlRow, Statements } from "../../io/sql/database.ts";
import type { MessageOf } from "../../mlflow/wire/field-type.ts";
import {
  assertBatch,
  assertKey,
  assertLength,
  assertParamsAgree,
  assertRunId,
  cutValue,
  maxDataset,
  maxInputTag,
  maxParamValueChars,
  maxRunTagValueChars,
  pageLimits,
} from "../../mlflow/wire/limits.ts";
import { invalidParameter, invalidValue, missingParameter } from "../../mlflow/wire/wire-error.ts";
import { pageSize, readPageToken, writePageToken } from "../search/page.ts";
import { searchRunIds } from "../search/run-search.ts";
import { putDatasets, putEdge } from "../store/datasets.ts";
import { putModelMetrics } from "../store/logged-model-metrics.ts";
import { type Point, putMetrics } from "../store/metrics.ts";
import { appendLoggedModel } from "../store/model-history.ts";
import { putParams, type RunParam } from "../store/params.ts";
import { numberOf } from "../store/rows.ts";
import { dropRunTag, putRunTags, type RunTag } from "../store/run-tags.ts";
import * as runs from "../store/runs.ts";
import { runWasMade } from "../store/schema/search-indexes.ts";
import type { Handlers } from "./handler.ts";
import { stagesOf } from "./view-type.ts";

type Names =
  | "createRun"
  | "getRun"
  | "updateRun"
  | "deleteRun"
  | "restoreRun"
  | "searchRuns"
  | "logParam"
  | "logMetric"
  | "logBatch"
  | "setTag"
  | "deleteTag"
  | "logInputs"
  | "logOutputs"
  | "logModel";

export const runHandlers: Handlers<Names> = {
  createRun: async ({ experiment_id, user_id = "", run_name = "", start_time, tags }, { store }) => {
    if (experiment_id === undefined || experiment_id === "") throw missingParameter("experiment_id");
    assertLength(run_name, { path: "run_name", max: maxRunTagValueChars });
    assertLength(user_id, { path: "user_id", max: 256 });
    const startTime = start_time ?? store.now();
    assertTime(startTime, "start_time");
    const run = {
      experimentId: experiment_id,
      userId: user_id,
      name: run_name,
      startTime,
      tags: tags.map((tag) => checkedTag(tag)),
    };
    const made = await runs.createRun(store, run);
    // Where it cannot be done now, searches are slower until the next look.
    await runWasMade(store.database).catch(() => {});
    return { run: made };
  },
  getRun: async ({ run_id }, { store }) => ({ run: await runs.getRun(store, run_id) }),
  updateRun: async ({ run_id, status, end_time, run_name }, { store }) => {
    assertRunId(run_id);
    if (end_time !== undefined) assertTime(end_time, "end_time");
    return { run_info: await runs.updateRun(store, run_id, { status, endTime: end_time, name: run_name }) };
  },
  deleteRun: async ({ run_id }, { store }) => {
    await runs.moveRun(store, run_id, "deleted");
    return {};
  },
  restoreRun: async ({ run_id }, { store }) => {
    await runs.moveRun(store, run_id, "active");
    return {};
  },
  searchRuns: async ({ experiment_ids, filter = "", run_view_type, max_results, order_by, page_token }, { store }) => {
    // MLflow tells a page that is too large from one that is too small.
    if (max_results !== undefined && max_results > pageLimits.runs.max) throw invalidValue("max_results", max_results);
    const size = pageSize(max_results, pageLimits.runs);
    const offset = readPageToken(page_token);
    const experimentIds = experiment_ids.filter((id) => /^\d{1,15}$/.test(id)).map(Number);
    const search = { experimentIds, stages: stagesOf(run_view_type), filter, orderBy: order_by, limit: size, offset };
    const ids = await searchRunIds(store.database, search);
    const found = await runs.runAnswers(store.database, ids);
    // As MLflow has it: a full page may be the last.
    return {
      runs: found,
      next_page_token: ids.length === size ? writePageToken(offset + size) : undefined,
    };
  },
  logParam: ({ run_id, key, value = "" }, { store }) =>
    write(store.database, run_id, (statements) => putParams(statements, run_id, [checkedParam({ key, value })])),
  logMetric: (metric, { store }) => {
    const { run_id } = metric;
    const points = [checkedPoint(metric)];
    return write(store.database, run_id, async (statements, row) => {
      await putMetrics(statements, run_id, points);
      await putModelMetrics(statements, row, [metric]);
    });
  },
  logBatch: ({ run_id, metrics, params, tags }, { store }) => {
    assertBatch({ metrics: metrics.length, params: params.length, tags: tags.length });
    assertParamsAgree(params);
    const points = metrics.map((metric, at) => checkedPoint(metric, `metrics[${at}].`));
    const checkedParams = params.map((param, at) => checkedParam(param, `params[${at}].`));
    const checkedTags = tags.map((tag, at) => checkedTag(tag, `tags[${at}].`));
    return write(store.database, run_id, async (statements, row) => {
      await putParams(statements, run_id, checkedParams);
      await putMetrics(statements, run_id, points);
      await putModelMetrics(statements, row, metrics);
      await putRunTags(statements, run_id, checkedTags);
    });
  },
  setTag: ({ run_id, key, value = "" }, { store }) => {
    const tags = [checkedTag({ key, value })];
    return write(store.database, run_id, (statements) => putRunTags(statements, run_id, tags));
  },
  deleteTag: ({ run_id, key }, { store }) =>
    write(store.database, run_id, (statements) => dropRunTag(statements, run_id, key)),
  logInputs: ({ run_id, datasets, models }, { store }) => {
    for (const each of datasets) assertDataset(each);
    return write(store.database, run_id, async (statements, row) => {
      await putDatasets(statements, { runId: run_id, experimentId: numberOf(row, "experiment_id") }, datasets);
      for (const { model_id } of models)
        await putEdge(statements, { from: ["RUN_INPUT", run_id], to: ["MODEL_INPUT", model_id], step: 0 });
    });
  },
  logOutputs: ({ run_id, models }, { store }) =>
    write(store.database, run_id, async (statements) => {
      for (const { model_id, step } of models)
        await putEdge(statements, { from: ["RUN_OUTPUT", run_id], to: ["MODEL_OUTPUT", model_id], step });
    }),
  logModel: ({ run_id, model_json }, { store }) =>
    write(store.database, run_id, (statements) => appendLoggedModel(statements, run_id, model_json)),
};

/** Writes to a run that is there and active, all of it or nothing. */
async function write(
  database: Database,
  runId: string,
  work: (statements: Statements, row: SqlRow) => Promise<void>,
): Promise<Record<never, never>> {
  assertRunId(runId);
  await database.transaction(async (statements) => work(statements, await runs.activeRunRow(statements, runId)));
  return {};
}

interface KeyValue {
  readonly key?: string;
  readonly value?: string;
}

/** `place` stands before the names of the parameters. */
function checkedTag({ key = "", value = "" }: KeyValue, place = ""): RunTag {
  if (key === "") throw missingParameter(`${place}key`);
  assertKey(key, `${place}key`);
  return { key, value: cutValue(value, maxRunTagValueChars) };
}

function checkedParam({ key = "", value = "" }: KeyValue, place = ""): RunParam {
  if (key === "") throw missingParameter(`${place}key`);
  assertKey(key, `${place}key`);
  return { key, value: cutValue(value, maxParamValueChars) };
}

function checkedPoint({ key = "", value, timestamp, step }: Partial<Point>, place = ""): Point {
  if (key === "") throw missingParameter(`${place}key`);
  assertKey(key, `${place}name`);
  if (value === undefined) throw missingParameter(`${place}value`);
  if (timestamp === undefined) throw missingParameter(`${place}timestamp`);
  assertTime(timestamp, `${place}timestamp`);
  const at = step ?? 0;
  if (!Number.isSafeInteger(at)) throw invalidParameter("Parameter 'step' is too large.");
  return { key, value, timestamp, step: at };
}

function assertTime(time: number, name: string): void {
  if (time < 0 || !Number.isSafeInteger(time)) {
    throw invalidParameter(
      `Invalid value ${time} for parameter '${name}' supplied: it must be a non-negative number of milliseconds.`,
    );
  }
}

function assertDataset({ dataset, tags }: MessageOf<"DatasetInput">): void {
  const limits = { ...maxDataset, source_type: 36 };
  for (const name of ["name", "digest", "source_type", "source", "schema", "profile"] as const) {
    assertLength(dataset[name] ?? "", { path: `dataset.${name}`, max: limits[name] });
  }
  if (dataset.name === "") throw missingParameter("dataset.name");
  if (dataset.digest === "") throw missingParameter("dataset.digest");
  for (const { key, value } of tags) {
    assertLength(key, { path: "tags.key", max: maxInputTag.name });
    assertLength(value, { path: "tags.value", max: maxInputTag.value });
  }
}
