// The endpoints of MLflow's logged models.
import { createLoggedModel } from "./logged-models/create-logged-model.ts";
import { deleteLoggedModel } from "./logged-models/delete-logged-model.ts";
import { deleteLoggedModelTag } from "./logged-models/delete-logged-model-tag.ts";
import { finalizeLoggedModel } from "./logged-models/finalize-logged-model.ts";
import { getLoggedModel } from "./logged-models/get-logged-model.ts";
import { listLoggedModelArtifacts } from "./logged-models/list-logged-model-artifacts.ts";
import { logLoggedModelParams } from "./logged-models/log-logged-model-params.ts";
import { searchLoggedModels } from "./logged-models/search-logged-models.ts";
import { setLoggedModelTags } from "./logged-models/set-logged-model-tags.ts";

export const loggedModelsEndpoints: {
  readonly createLoggedModel: typeof createLoggedModel;
  readonly finalizeLoggedModel: typeof finalizeLoggedModel;
  readonly getLoggedModel: typeof getLoggedModel;
  readonly deleteLoggedModel: typeof deleteLoggedModel;
  readonly searchLoggedModels: typeof searchLoggedModels;
  readonly setLoggedModelTags: typeof setLoggedModelTags;
  readonly deleteLoggedModelTag: typeof deleteLoggedModelTag;
  readonly listLoggedModelArtifacts: typeof listLoggedModelArtifacts;
  readonly logLoggedModelParams: typeof logLoggedModelParams;
} = {
  createLoggedModel,
  finalizeLoggedModel,
  getLoggedModel,
  deleteLoggedModel,
  searchLoggedModels,
  setLoggedModelTags,
  deleteLoggedModelTag,
  listLoggedModelArtifacts,
  logLoggedModelParams,
};
