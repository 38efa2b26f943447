// The endpoints of MLflow's registry.

import { createModelVersion } from "./registry/create-model-version.ts";
import { createRegisteredModel } from "./registry/create-registered-model.ts";
import { deleteModelVersion } from "./registry/delete-model-version.ts";
import { deleteModelVersionTag } from "./registry/delete-model-version-tag.ts";
import { deleteRegisteredModel } from "./registry/delete-registered-model.ts";
import { deleteRegisteredModelAlias } from "./registry/delete-registered-model-alias.ts";
import { deleteRegisteredModelTag } from "./registry/delete-registered-model-tag.ts";
import { getLatestVersions } from "./registry/get-latest-versions.ts";
import { getModelVersion } from "./registry/get-model-version.ts";
import { getModelVersionByAlias } from "./registry/get-model-version-by-alias.ts";
import { getModelVersionDownloadUri } from "./registry/get-model-version-download-uri.ts";
import { getRegisteredModel } from "./registry/get-registered-model.ts";
import { renameRegisteredModel } from "./registry/rename-registered-model.ts";
import { searchModelVersions } from "./registry/search-model-versions.ts";
import { searchRegisteredModels } from "./registry/search-registered-models.ts";
import { setModelVersionTag } from "./registry/set-model-version-tag.ts";
import { setRegisteredModelAlias } from "./registry/set-registered-model-alias.ts";
import { setRegisteredModelTag } from "./registry/set-registered-model-tag.ts";
import { transitionModelVersionStage } from "./registry/transition-model-version-stage.ts";
import { updateModelVersion } from "./registry/update-model-version.ts";
import { updateRegisteredModel } from "./registry/update-registered-model.ts";

export const registryEndpoints: {
  readonly createRegisteredModel: typeof createRegisteredModel;
  readonly renameRegisteredModel: typeof renameRegisteredModel;
  readonly updateRegisteredModel: typeof updateRegisteredModel;
  readonly deleteRegisteredModel: typeof deleteRegisteredModel;
  readonly getRegisteredModel: typeof getRegisteredModel;
  readonly searchRegisteredModels: typeof searchRegisteredModels;
  readonly getLatestVersions: typeof getLatestVersions;
  readonly createModelVersion: typeof createModelVersion;
  readonly updateModelVersion: typeof updateModelVersion;
  readonly transitionModelVersionStage: typeof transitionModelVersionStage;
  readonly deleteModelVersion: typeof deleteModelVersion;
  readonly getModelVersion: typeof getModelVersion;
  readonly searchModelVersions: typeof searchModelVersions;
  readonly getModelVersionDownloadUri: typeof getModelVersionDownloadUri;
  readonly setRegisteredModelTag: typeof setRegisteredModelTag;
  readonly setModelVersionTag: typeof setModelVersionTag;
  readonly deleteRegisteredModelTag: typeof deleteRegisteredModelTag;
  readonly deleteModelVersionTag: typeof deleteModelVersionTag;
  readonly setRegisteredModelAlias: typeof setRegisteredModelAlias;
  readonly deleteRegisteredModelAlias: typeof deleteRegisteredModelAlias;
  readonly getModelVersionByAlias: typeof getModelVersionByAlias;
} = {
  createRegisteredModel,
  renameRegisteredModel,
  updateRegisteredModel,
  deleteRegisteredModel,
  getRegisteredModel,
  searchRegisteredModels,
  getLatestVersions,
  createModelVersion,
  updateModelVersion,
  transitionModelVersionStage,
  deleteModelVersion,
  getModelVersion,
  searchModelVersions,
  getModelVersionDownloadUri,
  setRegisteredModelTag,
  setModelVersionTag,
  deleteRegisteredModelTag,
  deleteModelVersionTag,
  setRegisteredModelAlias,
  deleteRegisteredModelAlias,
  getModelVersionByAlias,
};
