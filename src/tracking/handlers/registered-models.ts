// Registered models and their aliases.
import {
  assertAlias,
  assertLength,
  assertRegisteredName,
  assertVersion,
  maxKeyChars,
  maxRegistryTagValueChars,
  pageLimits,
} from "../../mlflow/wire/limits.ts";
import { missingParameter } from "../../mlflow/wire/wire-error.ts";
import { pageOf, pageSize, readPageToken } from "../search/page.ts";
import { registeredSearchSql } from "../search/registry-search.ts";
import { versionAnswer, versionRow } from "../store/model-versions.ts";
import * as registered from "../store/registered-models.ts";
import type { Handlers } from "./handler.ts";

type Names =
  | "createRegisteredModel"
  | "getRegisteredModel"
  | "renameRegisteredModel"
  | "updateRegisteredModel"
  | "deleteRegisteredModel"
  | "searchRegisteredModels"
  | "setRegisteredModelTag"
  | "deleteRegisteredModelTag"
  | "setRegisteredModelAlias"
  | "deleteRegisteredModelAlias"
  | "getModelVersionByAlias";

export const registeredModelHandlers: Handlers<Names> = {
  createRegisteredModel: async ({ name, tags, description = "" }, { store }) => {
    assertRegisteredName(name);
    const checked = tags.map(({ key = "", value = "" }) => checkedRegistryTag(key, value));
    assertLength(description, { path: "description", max: maxDescriptionChars });
    return { registered_model: await registered.createRegistered(store, { name, description, tags: checked }) };
  },
  getRegisteredModel: async ({ name }, { store }) => ({
    registered_model: await registered.registeredAnswer(store.database, name),
  }),
  renameRegisteredModel: async ({ name, new_name }, { store }) => {
    assertRegisteredName(new_name);
    return { registered_model: await registered.renameRegistered(store, name, new_name) };
  },
  updateRegisteredModel: async ({ name, description = "" }, { store }) => {
    assertLength(description, { path: "description", max: maxDescriptionChars });
    return { registered_model: await registered.describeRegistered(store, name, description) };
  },
  deleteRegisteredModel: async ({ name }, { store }) => {
    await registered.deleteRegistered(store, name);
    return {};
  },
  searchRegisteredModels: async ({ filter = "", max_results, order_by, page_token }, { store }) => {
    const size = pageSize(max_results, pageLimits.registeredModels);
    const offset = readPageToken(page_token);
    const { sql, parameters } = registeredSearchSql(
      { filter, orderBy: order_by, limit: size + 1, offset },
      store.database.dialect,
    );
    const { rows, token } = pageOf(await store.database.query(sql, parameters), { offset, size });
    return { registered_models: await registered.registeredAnswers(store.database, rows), next_page_token: token };
  },
  setRegisteredModelTag: async ({ name, key, value = "" }, { store }) => {
    const tag = checkedRegistryTag(key, value);
    await registered.changeRegistered(store, name, (statements) => registered.putRegisteredTag(statements, name, tag));
    return {};
  },
  deleteRegisteredModelTag: async ({ name, key }, { store }) => {
    await registered.changeRegistered(store, name, async (statements) => {
      await statements.run("DELETE FROM registered_model_tags WHERE name = ? AND key = ?", [name, key]);
    });
    return {};
  },
  setRegisteredModelAlias: async ({ name, alias, version }, { store }) => {
    assertAlias(alias);
    const number = assertVersion(version);
    await registered.changeRegistered(store, name, async (statements) => {
      await versionRow(statements, name, number);
      await registered.putAlias(statements, { name, alias, version: number });
      await registered.touchRegistered(statements, name, store.now());
    });
    return {};
  },
  deleteRegisteredModelAlias: async ({ name, alias }, { store }) => {
    await registered.changeRegistered(store, name, async (statements) => {
      const count = await statements.run("DELETE FROM registered_model_aliases WHERE name = ? AND alias = ?", [
        name,
        alias,
      ]);
      if (count > 0) await registered.touchRegistered(statements, name, store.now());
    });
    return {};
  },
  getModelVersionByAlias: async ({ name, alias }, { store }) => {
    const version = await registered.aliasVersion(store.database, name, alias);
    return { model_version: await versionAnswer(store.database, { name, version }) };
  },
};

export const maxDescriptionChars = 5000;

/** @throws WireError */
export function checkedRegistryTag(key: string, value: string): registered.Tag {
  if (key === "") throw missingParameter("key");
  assertLength(key, { path: "key", max: maxKeyChars });
  assertLength(value, { path: "value", max: maxRegistryTagValueChars });
  return { key, value };
}
