// Data sets: those that runs used, and those that are for evaluation.
import type { JsonValue, MessageInput } from "../../mlflow/wire/field-type.ts";
import { assertLength } from "../../mlflow/wire/limits.ts";
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import { datasetSearchSql } from "../search/dataset-search.ts";
import { pageOf, pageSize, readPageToken } from "../search/page.ts";
import { linkedIds, unlink } from "../store/associations.ts";
import { dropRecords, type JsonRecord, recordPage, upsertRecords } from "../store/dataset-records.ts";
import * as datasets from "../store/evaluation-datasets.ts";
import { experimentNumber } from "../store/experiments.ts";
import { optionalText, queryIn, textOf } from "../store/rows.ts";
import type { TrackingStore } from "../store/tracking-store.ts";
import type { Handlers } from "./handler.ts";

/** Data sets: `searchDatasets` is about those of runs, the others about those for evaluation. */
export type DatasetNames =
  | "searchDatasets"
  | "createDataset"
  | "getDataset"
  | "deleteDataset"
  | "searchEvaluationDatasets"
  | "setDatasetTags"
  | "deleteDatasetTag"
  | "upsertDatasetRecords"
  | "getDatasetExperimentIds"
  | "getDatasetRecords"
  | "deleteDatasetRecords"
  | "addDatasetToExperiments"
  | "removeDatasetFromExperiments";

const maxExperiments = 20;
const maxSummaries = 1000;
const pages = { max: 50_000, usual: 1000 };

export const datasetHandlers: Handlers<DatasetNames> = {
  searchDatasets: async ({ experiment_ids: ids }, { store }) => {
    if (ids.length === 0) throw invalidParameter("SearchDatasets request must specify at least one experiment_id.");
    if (ids.length > maxExperiments) {
      throw invalidParameter(
        `SearchDatasets request cannot specify more than ${maxExperiments} experiment_ids. Received ${ids.length} experiment_ids.`,
      );
    }
    const rows = await queryIn(
      store.database,
      `SELECT DISTINCT d.experiment_id, d.name, d.digest, t.value AS context FROM datasets d
       JOIN inputs i ON i.source_id = d.dataset_uuid AND i.source_type = 'DATASET'
       LEFT JOIN input_tags t ON t.input_uuid = i.input_uuid AND t.name = 'mlflow.data.context'
       WHERE d.experiment_id IN (#) ORDER BY d.experiment_id, d.name, d.digest LIMIT ${maxSummaries}`,
      { ids: ids.map(experimentNumber) },
    );
    return {
      dataset_summaries: rows.map((row) => ({
        experiment_id: textOf(row, "experiment_id"),
        name: textOf(row, "name"),
        digest: textOf(row, "digest"),
        context: optionalText(row, "context"),
      })),
    };
  },
  createDataset: async ({ name, experiment_ids, tags }, { store }) => {
    assertLength(name, { path: "name", max: 255 });
    const dataset = { name, tags: tagsOf(tags ?? "{}"), experimentIds: experiment_ids, time: store.now() };
    const id = await store.database.transaction((statements) => datasets.createEvaluationDataset(statements, dataset));
    return { dataset: await answer(store, id) };
  },
  getDataset: async ({ dataset_id }, { store }) => ({ dataset: await answer(store, dataset_id) }),
  deleteDataset: async ({ dataset_id }, { store }) => {
    await store.database.transaction((statements) => datasets.dropEvaluationDataset(statements, dataset_id));
    return {};
  },
  searchEvaluationDatasets: async (request, { store }) => {
    const { experiment_ids: experimentIds, filter_string: filter = "", max_results, order_by, page_token } = request;
    const size = pageSize(max_results, pages);
    const offset = readPageToken(page_token);
    const { sql, parameters } = datasetSearchSql(
      { experimentIds, filter, orderBy: order_by, limit: size + 1, offset },
      store.database.dialect,
    );
    const { rows, token } = pageOf(await store.database.query(sql, parameters), { offset, size });
    return { datasets: await datasets.evaluationDatasetAnswers(store.database, rows), next_page_token: token };
  },
  setDatasetTags: async ({ dataset_id, tags }, { store }) => {
    const checked = tagsOf(tags);
    await store.database.transaction(async (statements) => {
      await datasets.evaluationDatasetRow(statements, dataset_id);
      await datasets.putDatasetTags(statements, dataset_id, checked);
    });
    return {};
  },
  deleteDatasetTag: async ({ dataset_id, key }, { store }) => {
    await store.database.run("DELETE FROM evaluation_dataset_tags WHERE dataset_id = ? AND key = ?", [dataset_id, key]);
    return {};
  },
  upsertDatasetRecords: async ({ dataset_id: id, records }, { store }) => {
    const parsed = jsonOf(records, "records");
    if (!Array.isArray(parsed) || !parsed.every(isRecord)) {
      throw invalidParameter("Parameter 'records' must be the JSON of a list of records.");
    }
    if (parsed.some((record) => record["inputs"] !== undefined && !isRecord(record["inputs"]))) {
      throw invalidParameter("The inputs of a record must be a record.");
    }
    const upserted = await store.database.transaction((statements) =>
      upsertRecords(statements, { id, records: parsed, time: store.now() }),
    );
    return { inserted_count: upserted.inserted, updated_count: upserted.updated };
  },
  getDatasetExperimentIds: async ({ dataset_id }, { store }) => ({
    experiment_ids: await linkedIds(store.database, ["evaluation_dataset", dataset_id], "experiment"),
  }),
  getDatasetRecords: async ({ dataset_id: id, max_results, page_token }, { store }) => {
    const size = pageSize(max_results === 0 ? undefined : max_results, pages);
    const { records, next } = await recordPage(store.database, { id, after: placeOf(page_token), size });
    return { records, next_page_token: next === null ? undefined : btoa(next.join(":")) };
  },
  deleteDatasetRecords: async ({ dataset_id, dataset_record_ids }, { store }) => ({
    deleted_count: await store.database.transaction((statements) =>
      dropRecords(statements, dataset_id, dataset_record_ids),
    ),
  }),
  addDatasetToExperiments: async ({ dataset_id: id, experiment_ids: experimentIds }, { store }) => {
    await store.database.transaction(async (statements) => {
      await datasets.evaluationDatasetRow(statements, id);
      await datasets.linkExperiments(statements, { id, experimentIds, time: store.now() });
      await touch(store, id, statements);
    });
    return { dataset: await answer(store, id) };
  },
  removeDatasetFromExperiments: async ({ dataset_id: id, experiment_ids: ids }, { store }) => {
    await store.database.transaction(async (statements) => {
      await datasets.evaluationDatasetRow(statements, id);
      await unlink(statements, { from: ["evaluation_dataset", id], to: "experiment", ids });
      await touch(store, id, statements);
    });
    return { dataset: await answer(store, id) };
  },
};

async function answer({ database }: TrackingStore, id: string): Promise<MessageInput<"EvaluationDataset">> {
  const row = await datasets.evaluationDatasetRow(database, id);
  const [found] = await datasets.evaluationDatasetAnswers(database, [row]);
  if (found === undefined) throw new TypeError("a row without an answer");
  return found;
}

async function touch(
  { now }: TrackingStore,
  id: string,
  statements: Parameters<typeof datasets.evaluationDatasetRow>[0],
): Promise<void> {
  await statements.run("UPDATE evaluation_datasets SET last_update_time = ? WHERE dataset_id = ?", [now(), id]);
}

/** @throws WireError */
function placeOf(token: string | undefined): readonly [number, string] | null {
  if (token === undefined || token === "") return null;
  try {
    const found = /^(\d{1,15}):(dr-\w{1,40})$/.exec(atob(token));
    if (found !== null) return [Number(found[1]), found[2] ?? ""];
  } catch {
    // It is refused below.
  }
  throw invalidParameter("Invalid page token, could not base64-decode");
}

/** @throws WireError */
function tagsOf(text: string): ReadonlyMap<string, string> {
  const value = jsonOf(text, "tags");
  if (!isRecord(value)) throw invalidParameter("Parameter 'tags' must be the JSON of a record.");
  const tags = new Map<string, string>();
  for (const [key, item] of Object.entries(value)) {
    if (item === null || item === undefined) continue;
    assertLength(key, { path: "tags.key", max: 255 });
    const kept = typeof item === "string" ? item : JSON.stringify(item);
    assertLength(kept, { path: "tags.value", max: 5000 });
    tags.set(key, kept);
  }
  return tags;
}

const maxDepth = 64;

/** @throws WireError */
function jsonOf(text: string, name: string): JsonValue {
  try {
    const value = JSON.parse(text) as JsonValue;
    let level: readonly unknown[] = [value];
    for (let depth = 0; level.length > 0; depth++) {
      if (depth > maxDepth) throw new RangeError("too deep");
      level = level.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []));
    }
    return value;
  } catch {
    throw invalidParameter(`Parameter '${name}' must be JSON, nested at most ${maxDepth} levels deep.`);
  }
}

function isRecord(value: JsonValue | undefined): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
