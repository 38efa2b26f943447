// Experiments: what clients may ask.
import {
  assertExperimentName,
  assertKey,
  assertLength,
  maxExperimentTagValueChars,
  pageLimits,
} from "../../mlflow/wire/limits.ts";
import { missingParameter } from "../../mlflow/wire/wire-error.ts";
import { experimentSearchSql } from "../search/experiment-search.ts";
import { pageOf, pageSize, readPageToken } from "../search/page.ts";
import { checkedExperimentLocation } from "../store/experiment-location.ts";
import * as experiments from "../store/experiments.ts";
import type { Handlers } from "./handler.ts";
import { stagesOf } from "./view-type.ts";

type Names =
  | "createExperiment"
  | "getExperiment"
  | "getExperimentByName"
  | "searchExperiments"
  | "updateExperiment"
  | "deleteExperiment"
  | "restoreExperiment"
  | "setExperimentTag"
  | "deleteExperimentTag";

export const experimentHandlers: Handlers<Names> = {
  createExperiment: async ({ name, artifact_location, tags }, { store }) => {
    assertExperimentName(name);
    const location = checkedExperimentLocation(artifact_location, store.allowedLocations);
    const checked = tags.map(({ key = "", value = "" }) => checkedTag(key, value));
    return { experiment_id: await experiments.createExperiment(store, { name, location, tags: checked }) };
  },
  getExperiment: async ({ experiment_id }, { store }) => ({
    experiment: await experiments.getExperiment(store, experiment_id),
  }),
  getExperimentByName: async ({ experiment_name }, { store }) => ({
    experiment: await experiments.getExperimentByName(store, experiment_name),
  }),
  searchExperiments: async ({ max_results, page_token, filter = "", order_by, view_type }, { store }) => {
    const size = pageSize(max_results ?? 0, pageLimits.experiments);
    const offset = readPageToken(page_token);
    const search = { stages: stagesOf(view_type), filter, orderBy: order_by, limit: size + 1, offset };
    const { sql, parameters } = experimentSearchSql(search, store.database.dialect);
    const { rows, token } = pageOf(await store.database.query(sql, parameters), { offset, size });
    return { experiments: await experiments.withTags(store.database, rows), next_page_token: token };
  },
  updateExperiment: async ({ experiment_id, new_name }, { store }) => {
    if (new_name === undefined || new_name === "") throw missingParameter("new_name");
    assertExperimentName(new_name);
    await experiments.renameExperiment(store, experiment_id, new_name);
    return {};
  },
  deleteExperiment: async ({ experiment_id }, { store }) => {
    await experiments.moveExperiment(store, experiment_id, "deleted");
    return {};
  },
  restoreExperiment: async ({ experiment_id }, { store }) => {
    await experiments.moveExperiment(store, experiment_id, "active");
    return {};
  },
  setExperimentTag: async ({ experiment_id, key, value = "" }, { store }) => {
    await experiments.setExperimentTag(store, experiment_id, checkedTag(key, value));
    return {};
  },
  deleteExperimentTag: async ({ experiment_id, key }, { store }) => {
    await experiments.deleteExperimentTag(store, experiment_id, key);
    return {};
  },
};

function checkedTag(key: string, value: string): { readonly key: string; readonly value: string } {
  assertKey(key);
  assertLength(value, { path: "value", max: maxExperimentTagValueChars });
  return { key, value };
}
