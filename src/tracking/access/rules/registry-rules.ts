// The registry: the right to the registered model decides, and a version may only point at what its maker may read.
import { isTrimaranError } from "../../../base/errors.ts";
import { parseMlflowUri, schemeOf } from "../../../mlflow/uri.ts";
import type { Reach } from "../reach.ts";
import { admins, onModel, type Rules } from "../rule.ts";
import { visible } from "../visible-pages.ts";

const withName = {
  isVisible: (item: { readonly name?: string }, reach: Reach): Promise<boolean> =>
    reach.canModel(item.name ?? "", "read"),
};

type Named = readonly { readonly name?: string }[];

type RegistryEndpoint =
  | "createRegisteredModel"
  | "renameRegisteredModel"
  | "updateRegisteredModel"
  | "deleteRegisteredModel"
  | "getRegisteredModel"
  | "searchRegisteredModels"
  | "getLatestVersions"
  | "createModelVersion"
  | "updateModelVersion"
  | "transitionModelVersionStage"
  | "deleteModelVersion"
  | "getModelVersion"
  | "searchModelVersions"
  | "getModelVersionDownloadUri"
  | "setRegisteredModelTag"
  | "setModelVersionTag"
  | "deleteRegisteredModelTag"
  | "deleteModelVersionTag"
  | "setRegisteredModelAlias"
  | "deleteRegisteredModelAlias"
  | "getModelVersionByAlias"
  | "createWebhook"
  | "listWebhooks"
  | "getWebhook"
  | "updateWebhook"
  | "deleteWebhook"
  | "testWebhook";

export const registryRules: Rules<RegistryEndpoint> = {
  createRegisteredModel: {
    before: async (request) => request,
    async after(answer, { request, reach }) {
      await reach.access.forget("model", request.name);
      await reach.access.grant(reach.user.id, { kind: "model", resource: request.name, permission: "MANAGE" });
      return answer;
    },
  },
  renameRegisteredModel: {
    ...onModel("update"),
    async after(answer, { request, reach }) {
      await reach.access.rename("model", request.name, request.new_name);
      return answer;
    },
  },
  updateRegisteredModel: onModel("update"),
  deleteRegisteredModel: {
    ...onModel("manage"),
    async after(answer, { request, reach }) {
      await reach.access.forget("model", request.name);
      return answer;
    },
  },
  getRegisteredModel: onModel("read"),
  searchRegisteredModels: {
    before: async (request) => request,
    after: visible({
      ...withName,
      items: (answer: { readonly registered_models?: Named; readonly next_page_token?: string }) =>
        answer.registered_models ?? [],
      withItems: (answer, registered_models) => ({ ...answer, registered_models }),
    }),
  },
  getLatestVersions: onModel("read"),
  createModelVersion: {
    async before(request, reach) {
      await reach.model(request.name, "update");
      if (request.run_id) await reach.run(request.run_id, "read");
      if (request.model_id) await reach.loggedModel(request.model_id, "read");
      await mayReadSource(request.source, reach);
      return request;
    },
  },
  updateModelVersion: onModel("update"),
  transitionModelVersionStage: onModel("update"),
  deleteModelVersion: onModel("manage"),
  getModelVersion: onModel("read"),
  searchModelVersions: {
    before: async (request) => request,
    after: visible({
      ...withName,
      items: (answer: { readonly model_versions?: Named; readonly next_page_token?: string }) =>
        answer.model_versions ?? [],
      withItems: (answer, model_versions) => ({ ...answer, model_versions }),
    }),
  },
  getModelVersionDownloadUri: onModel("read"),
  setRegisteredModelTag: onModel("update"),
  setModelVersionTag: onModel("update"),
  deleteRegisteredModelTag: onModel("update"),
  deleteModelVersionTag: onModel("manage"),
  setRegisteredModelAlias: onModel("update"),
  deleteRegisteredModelAlias: onModel("manage"),
  getModelVersionByAlias: onModel("read"),
  // A webhook hears of everything.
  createWebhook: admins,
  listWebhooks: admins,
  getWebhook: admins,
  updateWebhook: admins,
  deleteWebhook: admins,
  testWebhook: admins,
};

/** Else a version would be a way to files that one may not read. */
async function mayReadSource(source: string, reach: Reach): Promise<void> {
  const scheme = schemeOf(source);
  if (scheme === "mlflow-artifacts" || scheme === "s3" || scheme === "file" || scheme === null) {
    // Prompts have a text for a source, and no files.
    if (scheme !== null || source.startsWith("/")) await reach.source(source);
    return;
  }
  if (scheme !== "runs" && scheme !== "models") return;
  try {
    const uri = parseMlflowUri(source);
    if (uri.kind === "run") await reach.run(uri.runId, "read");
    else if (uri.kind === "logged-model") await reach.loggedModel(uri.modelId, "read");
    else if (uri.kind !== "artifact") await reach.model(uri.name, "read");
  } catch (error) {
    // What is no sound URI is refused by the handler, in its own words.
    if (!isTrimaranError(error)) throw error;
  }
}
