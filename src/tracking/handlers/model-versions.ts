// Versions of registered models: what clients may ask.
import { assertLength, assertVersion, pageLimits } from "../../mlflow/wire/limits.ts";
import { invalidParameter, missingParameter, WireError } from "../../mlflow/wire/wire-error.ts";
import { pageOf, pageSize, readPageToken } from "../search/page.ts";
import { versionSearchSql } from "../search/registry-search.ts";
import { noteRegistration } from "../store/logged-models.ts";
import * as versions from "../store/model-versions.ts";
import { latestVersions, registeredRow } from "../store/registered-models.ts";
import { optionalText, textOf } from "../store/rows.ts";
import { checkedSource } from "../store/version-source.ts";
import type { Handlers } from "./handler.ts";
import { checkedRegistryTag, maxDescriptionChars } from "./registered-models.ts";

type Names =
  | "createModelVersion"
  | "getModelVersion"
  | "updateModelVersion"
  | "deleteModelVersion"
  | "transitionModelVersionStage"
  | "getLatestVersions"
  | "searchModelVersions"
  | "getModelVersionDownloadUri"
  | "setModelVersionTag"
  | "deleteModelVersionTag";

export const modelVersionHandlers: Handlers<Names> = {
  createModelVersion: async (
    { name, source, run_id = "", tags, run_link = "", description = "", model_id = "" },
    { store },
  ) => {
    const checked = tags.map(({ key = "", value = "" }) => checkedRegistryTag(key, value));
    assertLength(description, { path: "description", max: maxDescriptionChars });
    assertLength(run_link, { path: "run_link", max: 500 });
    const isPrompt = checked.some(
      ({ key, value }) => key === "mlflow.prompt.is_prompt" && value.toLowerCase() === "true",
    );
    const model_version = await store.database.transaction(async (statements) => {
      await registeredRow(statements, name);
      const { allowedLocations } = store;
      const { location, runId } = await checkedSource(statements, {
        source,
        runId: run_id,
        isPrompt,
        allowedLocations,
      });
      const version = { name, source, location, runId, runLink: run_link, description, tags: checked };
      const number = await versions.insertVersion(statements, version, store.now());
      const modelId = model_id || (/^models:\/+(m-\w+)$/.exec(source)?.[1] ?? "");
      if (modelId !== "") await noteRegistration(statements, modelId, { name, version: number });
      return versions.versionAnswer(statements, { name, version: number });
    });
    return { model_version };
  },
  getModelVersion: async ({ name, version }, { store }) => ({
    model_version: await versions.versionAnswer(store.database, { name, version: assertVersion(version) }),
  }),
  updateModelVersion: async ({ name, version, description = "" }, { store }) => {
    assertLength(description, { path: "description", max: maxDescriptionChars });
    const key = { name, version: assertVersion(version) };
    const model_version = await versions.changeVersion(store, key, async (statements, time) => {
      await statements.run(
        "UPDATE model_versions SET description = ?, last_updated_time = ? WHERE name = ? AND version = ?",
        [description, time, name, key.version],
      );
    });
    return { model_version };
  },
  deleteModelVersion: async ({ name, version }, { store }) => {
    const key = { name, version: assertVersion(version) };
    await versions.changeVersion(store, key, (statements, time) => versions.forgetVersion(statements, key, time));
    return {};
  },
  transitionModelVersionStage: async (
    { name, version, stage: wanted, archive_existing_versions = false },
    { store },
  ) => {
    const key = { name, version: assertVersion(version) };
    const stage = versions.stages.find((each) => each.toLowerCase() === wanted.toLowerCase());
    if (stage === undefined) {
      throw invalidParameter(
        `Invalid Model Version stage: ${wanted.slice(0, 100)}. Value must be one of ${versions.stages.join(", ")}.`,
      );
    }
    if (archive_existing_versions && stage !== "Staging" && stage !== "Production") {
      throw invalidParameter(
        `Model version transition cannot archive existing model versions because '${stage}' is not an Active stage. Valid stages are Staging, Production`,
      );
    }
    const move = { stage, archiveOthers: archive_existing_versions };
    return {
      model_version: await versions.changeVersion(store, key, (statements, time) =>
        versions.moveToStage(statements, key, { ...move, time }),
      ),
    };
  },
  getLatestVersions: async ({ name, stages: wanted }, { store }) => {
    await registeredRow(store.database, name);
    const stages = new Set(
      wanted.map((each) => {
        const stage = versions.stages.find((known) => known.toLowerCase() === each.toLowerCase());
        if (stage === undefined)
          throw invalidParameter(
            `Invalid Model Version stage: ${each.slice(0, 100)}. Value must be one of ${versions.stages.join(", ")}.`,
          );
        return stage as string;
      }),
    );
    const newest = await latestVersions(store.database, [name]);
    return { model_versions: newest.filter((each) => stages.size === 0 || stages.has(each.current_stage ?? "")) };
  },
  searchModelVersions: async ({ filter = "", max_results, order_by, page_token }, { store }) => {
    const size = pageSize(max_results, pageLimits.modelVersions);
    const offset = readPageToken(page_token);
    const { sql, parameters } = versionSearchSql(
      { filter, orderBy: order_by, limit: size + 1, offset },
      store.database.dialect,
    );
    const { rows, token } = pageOf(await store.database.query(sql, parameters), { offset, size });
    return { model_versions: await versions.plainVersionAnswers(store.database, rows), next_page_token: token };
  },
  getModelVersionDownloadUri: async ({ name, version }, { store }) => {
    if (name === undefined || name === "") throw missingParameter("name");
    if (version === undefined || version === "") throw missingParameter("version");
    const row = await versions.versionRow(store.database, name, assertVersion(version));
    const uri = optionalText(row, "storage_location") || textOf(row, "source");
    if (uri === "") throw new WireError("RESOURCE_DOES_NOT_EXIST", "The version has no artifacts.");
    return { artifact_uri: uri };
  },
  setModelVersionTag: async ({ name, version, key, value = "" }, { store }) => {
    const tag = checkedRegistryTag(key, value);
    const place = { name, version: assertVersion(version) };
    await versions.changeVersion(store, place, (statements) => versions.putVersionTag(statements, place, tag));
    return {};
  },
  deleteModelVersionTag: async ({ name, version, key }, { store }) => {
    const place = { name, version: assertVersion(version) };
    await versions.changeVersion(store, place, async (statements) => {
      await statements.run("DELETE FROM model_version_tags WHERE name = ? AND version = ? AND key = ?", [
        name,
        place.version,
        key,
      ]);
    });
    return {};
  },
};
