// Experiments of a file store: their numbers, tags, data sets, and which folders are their runs and logged models.
import type { Statements } from "../../io/sql/database.ts";
import type { ExperimentPlan, ImportedDataset } from "./experiment-plan.ts";
import { importLoggedModel } from "./import-logged-model.ts";
import { PartProblem } from "./import-report.ts";
import { importRun } from "./import-run.ts";
import type { StoreFolder } from "./store-folder.ts";

/** Longer ones are given a new number: this is what every database holds that MLflow writes to. */
const longestNumber = 9;
const reserved: ReadonlySet<string> = new Set(["tags", "datasets", "traces", "models"]);

/** Reads what there is before anything is written, since numbers and names depend on one another. */
export async function planExperiments(root: StoreFolder): Promise<readonly ExperimentPlan[]> {
  const found: Omit<ExperimentPlan, "number" | "name">[] = [];
  for (const [place, isDeleted] of [
    [root, false],
    [root.at(".trash"), true],
  ] as const) {
    const { folders } = await place.list();
    for (const name of folders) {
      if (!isDeleted && (name === ".trash" || name === "models")) continue;
      const folder = place.at(name);
      await folder.attempt(async () => {
        const { files } = await folder.list();
        if (!files.includes("meta.yaml")) throw new PartProblem("it has no meta.yaml, so it is no experiment");
        const meta = await folder.meta();
        const id = meta.needed("experiment_id");
        if (id !== name) throw new PartProblem("its meta.yaml is of another experiment");
        if (!/^\d{1,64}$/.test(id)) throw new PartProblem("its identifier is no number");
        if (found.some((each) => each.id === id)) throw new PartProblem("there is another experiment of this number");
        found.push({ folder, meta, id, isDeleted: isDeleted || meta.text("lifecycle_stage") === "deleted" });
      });
    }
  }
  const kept = found.map(({ id }) => id).filter((id) => id.length <= longestNumber);
  let next = kept.reduce((most, id) => Math.max(most, Number(id)), 0) + 1;
  const names = new Set<string>();
  // An active one keeps its name where a deleted one has the same.
  const ordered = [...found].sort((a, b) => Number(a.isDeleted) - Number(b.isDeleted));
  return ordered.map((each) => {
    const isKept = each.id.length <= longestNumber && String(Number(each.id)) === each.id;
    const number = isKept ? Number(each.id) : next++;
    if (!isKept) root.report.renumbered.set(each.id, number);
    const written = (each.meta.text("name") || `experiment ${each.id}`).slice(0, 256);
    const name = names.has(written) ? `${written.slice(0, 180)} (${each.id})` : written;
    if (name !== written) each.folder.skip(`its name is taken; it is called ${name} now`);
    names.add(name);
    return { ...each, number, name };
  });
}

export async function importExperiment(statements: Statements, plan: ExperimentPlan): Promise<void> {
  const { folder, meta, number, name, isDeleted } = plan;
  await statements.run(
    "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time) VALUES (?, ?, ?, ?, ?, ?)",
    [
      number,
      name,
      meta.text("artifact_location"),
      isDeleted ? "deleted" : "active",
      timeOf(plan, "creation_time"),
      timeOf(plan, "last_update_time"),
    ],
  );
  folder.report.counts.experiments++;
  const tags = new Map((await folder.at("tags").texts()).map(({ key, value }) => [key, value]));
  if (plan.id !== String(number)) tags.set("trimaran.importedExperimentId", plan.id);
  for (const [key, value] of tags) {
    await statements.run("INSERT INTO experiment_tags (experiment_id, key, value) VALUES (?, ?, ?)", [
      number,
      key,
      value,
    ]);
  }
}

export async function importRunsOf(statements: Statements, plan: ExperimentPlan): Promise<void> {
  const { folder } = plan;
  const datasets = await datasetsOf(folder.at("datasets"));
  const { folders } = await folder.list();
  for (const name of folders) {
    if (!reserved.has(name)) await importRun(statements, folder.at(name), { plan, name, datasets });
  }
  const traces = (await folder.at("traces").list()).folders.length;
  if (traces > 0) folder.at("traces").skip(`traces of file stores are not taken over: ${traces}`);
}

/** After all runs: they are named by their metrics. */
export async function importModelsOf(statements: Statements, plan: ExperimentPlan): Promise<void> {
  const models = plan.folder.at("models");
  const { folders } = await models.list();
  for (const name of folders) await importLoggedModel(statements, models.at(name), { plan, name });
}

async function datasetsOf(folder: StoreFolder): Promise<ReadonlyMap<string, ImportedDataset>> {
  const found = new Map<string, ImportedDataset>();
  const { folders } = await folder.list();
  for (const name of folders) {
    const each = folder.at(name);
    await each.attempt(async () => {
      const meta = await each.meta(maxDatasetBytes);
      found.set(name, {
        name: meta.needed("name"),
        digest: meta.needed("digest"),
        source_type: meta.text("source_type") ?? "",
        source: meta.text("source") ?? "",
        schema: meta.text("schema") ?? undefined,
        profile: meta.text("profile") ?? undefined,
      });
    });
  }
  return found;
}

/** A schema and a profile may be long. */
const maxDatasetBytes = 20 << 20;

function timeOf({ folder, meta }: ExperimentPlan, name: string): number | null {
  try {
    return meta.integer(name);
  } catch (error) {
    if (!(error instanceof PartProblem)) throw error;
    folder.skip(error.message);
    return null;
  }
}
