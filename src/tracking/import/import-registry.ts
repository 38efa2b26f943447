// The registry of a file store: models, versions, aliases and tags.
import type { Statements } from "../../io/sql/database.ts";
import { putVersionTag, stages } from "../store/model-versions.ts";
import { putAlias } from "../store/registered-models.ts";
import { PartProblem } from "./import-report.ts";
import type { StoreFolder } from "./store-folder.ts";

export async function importRegistry(statements: Statements, folder: StoreFolder): Promise<void> {
  for (const name of (await folder.list()).folders) {
    const each = folder.at(name);
    await each.attempt(() => importModel(statements, each, name));
  }
}

async function importModel(statements: Statements, folder: StoreFolder, name: string): Promise<void> {
  const meta = await folder.meta();
  if (meta.text("name") !== name) throw new PartProblem("its meta.yaml is of another model");
  if (name.length > 256) throw new PartProblem("its name is too long");
  const { counts } = folder.report;
  const created = meta.integer("creation_timestamp");
  await statements.run(
    "INSERT INTO registered_models (name, creation_time, last_updated_time, description) VALUES (?, ?, ?, ?)",
    [name, created, meta.integer("last_updated_timestamp") ?? created, meta.text("description")],
  );
  counts.registeredModels++;
  for (const { key, value } of await folder.at("tags").texts()) {
    await statements.run("INSERT INTO registered_model_tags (name, key, value) VALUES (?, ?, ?)", [name, key, value]);
  }
  const versions = new Set<number>();
  for (const entry of (await folder.list()).folders) {
    if (!entry.startsWith("version-")) continue;
    const each = folder.at(entry);
    await each.attempt(async () => {
      versions.add(await importVersion(statements, each, name));
      counts.versions++;
    });
  }
  const aliases = folder.at("aliases");
  for (const { key: alias, value } of await aliases.texts()) {
    const version = Number(value.trim());
    if (versions.has(version) && /^[\w-]{1,255}$/.test(alias)) await putAlias(statements, { name, alias, version });
    else aliases.skip("the version that it names is not there", alias);
  }
}

/** Gives its number. */
async function importVersion(statements: Statements, folder: StoreFolder, name: string): Promise<number> {
  const meta = await folder.meta();
  const version = meta.integer("version") ?? 0;
  if (!folder.path.endsWith(`/version-${version}`) || version < 1 || version > 2 ** 31 - 1) {
    throw new PartProblem("its meta.yaml is of another version");
  }
  const stage = stages.find((each) => each === (meta.text("current_stage") ?? "None"));
  if (stage === undefined) throw new PartProblem("its stage is unknown");
  const status = meta.text("status") ?? "READY";
  if (!/^[A-Z_]{1,20}$/.test(status)) throw new PartProblem("its status is unknown");
  const created = meta.integer("creation_timestamp");
  await statements.run(
    `INSERT INTO model_versions (name, version, creation_time, last_updated_time, description, user_id, current_stage, source, storage_location, run_id, run_link, status, status_message)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      name,
      version,
      created,
      meta.integer("last_updated_timestamp") ?? created,
      meta.text("description"),
      meta.text("user_id"),
      stage,
      meta.text("source") ?? "",
      meta.text("storage_location"),
      meta.text("run_id"),
      meta.text("run_link"),
      status,
      meta.text("status_message"),
    ],
  );
  for (const tag of await folder.at("tags").texts()) await putVersionTag(statements, { name, version }, tag);
  return version;
}
