// Logged models: what clients may ask.

import { assertLength, assertLoggedModelName, pageLimits } from "../../mlflow/wire/limits.ts";
import { invalidParameter, missingParameter } from "../../mlflow/wire/wire-error.ts";
import { artifactSegments } from "../artifacts/artifact-path.ts";
import { loggedModelSearchSql } from "../search/logged-model-search.ts";
import { pageOf, pageSize, readPageToken } from "../search/page.ts";
import * as models from "../store/logged-models.ts";
import { textOf } from "../store/rows.ts";
import { fileInfo } from "./artifacts.ts";
import type { Handlers } from "./handler.ts";

type Names =
  | "createLoggedModel"
  | "getLoggedModel"
  | "finalizeLoggedModel"
  | "deleteLoggedModel"
  | "setLoggedModelTags"
  | "deleteLoggedModelTag"
  | "logLoggedModelParams"
  | "searchLoggedModels"
  | "listLoggedModelArtifacts";

const maxKeyChars = 255;
const maxValueChars = 65_535;

export const loggedModelHandlers: Handlers<Names> = {
  createLoggedModel: async ({ experiment_id, name = "", model_type = "", source_run_id, params, tags }, { store }) => {
    assertLoggedModelName(name);
    assertLength(name, { path: "name", max: 500 });
    assertLength(model_type, { path: "model_type", max: 500 });
    const sourceRunId = source_run_id === "" ? undefined : source_run_id;
    const model = {
      experimentId: experiment_id,
      name,
      modelType: model_type,
      sourceRunId,
      params: params.map(checked),
      tags: tags.map(checked),
    };
    return { model: await models.createLoggedModel(store, model) };
  },
  getLoggedModel: async ({ model_id }, { store }) => ({
    model: await models.loggedModelAnswer(store.database, model_id),
  }),
  finalizeLoggedModel: ({ model_id, status }, { store }) =>
    store.database.transaction(async (statements) => {
      if (status === "LOGGED_MODEL_STATUS_UNSPECIFIED") throw invalidParameter(`Invalid model status: ${status}.`);
      await models.setModelStatus(statements, model_id, { status, time: store.now() });
      return { model: await models.loggedModelAnswer(statements, model_id) };
    }),
  deleteLoggedModel: async ({ model_id }, { store }) => {
    await store.database.transaction((statements) => models.dropLoggedModel(statements, model_id, store.now()));
    return {};
  },
  setLoggedModelTags: ({ model_id, tags }, { store }) =>
    store.database.transaction(async (statements) => {
      await models.putModelTags(statements, model_id, tags.map(checked));
      return {};
    }),
  deleteLoggedModelTag: async ({ model_id, tag_key }, { store }) => {
    await store.database.transaction((statements) => models.dropModelTag(statements, model_id, tag_key));
    return {};
  },
  logLoggedModelParams: async ({ model_id, params }, { store }) => {
    await store.database.transaction((statements) => models.putModelParams(statements, model_id, params.map(checked)));
    return {};
  },
  searchLoggedModels: async (
    { experiment_ids, filter = "", datasets, max_results, order_by, page_token },
    { store },
  ) => {
    const size = pageSize(max_results, pageLimits.loggedModels);
    const offset = readPageToken(page_token);
    const experimentIds = experiment_ids.filter((id) => /^\d{1,15}$/.test(id)).map(Number);
    const search = { experimentIds, filter, datasets, orderBy: order_by, limit: size + 1, offset };
    const { sql, parameters } = loggedModelSearchSql(search, store.database.dialect);
    const { rows, token } = pageOf(await store.database.query(sql, parameters), { offset, size });
    return {
      models: await models.loggedModelAnswers(
        store.database,
        rows.map(({ id }) => String(id)),
      ),
      next_page_token: token,
    };
  },
  listLoggedModelArtifacts: async ({ model_id, artifact_directory_path: path = "" }, { store, artifacts }) => {
    artifactSegments(path);
    const location = textOf(await models.loggedModelRow(store.database, model_id), "artifact_location");
    const place = artifacts.at(location, path);
    const entries = await place.store.list(place.segments);
    return {
      root_uri: location,
      files: (entries ?? []).map((entry) => fileInfo(entry, path === "" ? "" : `${path}/`)),
    };
  },
};

function checked({ key = "", value = "" }: { readonly key?: string; readonly value?: string }): {
  readonly key: string;
  readonly value: string;
} {
  if (key === "") throw missingParameter("key");
  assertLength(key, { path: "key", max: maxKeyChars });
  assertLength(value, { path: "value", max: maxValueChars });
  return { key, value };
}
