// A run of a file store, with what was logged to it.
import type { Statements } from "../../io/sql/database.ts";
import { putDatasets, putEdge } from "../store/datasets.ts";
import { putMetrics } from "../store/metrics.ts";
import { putParams } from "../store/params.ts";
import { makeRunName } from "../store/run-names.ts";
import { putRunTags, runNameTag } from "../store/run-tags.ts";
import type { ExperimentPlan, ImportedDataset } from "./experiment-plan.ts";
import { PartProblem } from "./import-report.ts";
import { pointBatches } from "./metric-file.ts";
import type { StoreFolder } from "./store-folder.ts";

export interface RunPlan {
  readonly plan: ExperimentPlan;
  /** That of the folder. */
  readonly name: string;
  /** By their identifiers. */
  readonly datasets: ReadonlyMap<string, ImportedDataset>;
}

const statuses: ReadonlyMap<number, string> = new Map([
  [1, "RUNNING"],
  [2, "SCHEDULED"],
  [3, "FINISHED"],
  [4, "FAILED"],
  [5, "KILLED"],
]);
const sourceTypes: ReadonlyMap<number, string> = new Map([
  [1, "NOTEBOOK"],
  [2, "JOB"],
  [3, "PROJECT"],
  [4, "LOCAL"],
]);

export async function importRun(statements: Statements, folder: StoreFolder, run: RunPlan): Promise<void> {
  await folder.attempt(async () => {
    await insertRun(statements, folder, run);
    const id = run.name;
    await putParams(statements, id, await folder.at("params").texts());
    await importMetrics(statements, folder.at("metrics"), id);
    const tags = await folder.at("tags").texts();
    await putRunTags(
      statements,
      id,
      tags.filter(({ key }) => key !== runNameTag),
    );
    await importInputs(statements, folder, run);
    folder.report.counts.runs++;
    folder.report.progress();
  });
}

async function insertRun(statements: Statements, folder: StoreFolder, { plan, name }: RunPlan): Promise<void> {
  const { files } = await folder.list();
  if (!files.includes("meta.yaml")) throw new PartProblem("it has no meta.yaml, so it is no run");
  const meta = await folder.meta();
  const id = meta.text("run_id") ?? meta.text("run_uuid");
  if (id !== name) throw new PartProblem("its meta.yaml is of another run");
  if (!/^[a-zA-Z0-9][\w-]{0,31}$/.test(id)) throw new PartProblem("its identifier is none of a run");
  const known = await statements.query("SELECT 1 AS one FROM runs WHERE run_uuid = ?", [id]);
  if (known.length > 0) throw new PartProblem("there is another run of this identifier");
  const status = statuses.get(meta.integer("status") ?? 1);
  if (status === undefined) throw new PartProblem("its meta.yaml holds an unknown status");
  const tag = (await nameTag(folder)) ?? "";
  const runName = (meta.text("run_name") || meta.text("name") || tag || makeRunName(Math.random)).slice(0, 250);
  const isDeleted = plan.isDeleted || meta.text("lifecycle_stage") === "deleted";
  await statements.run(
    `INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time, source_version, lifecycle_stage, artifact_uri, experiment_id, deleted_time)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      id,
      runName,
      sourceTypes.get(meta.integer("source_type") ?? 0) ?? "UNKNOWN",
      meta.text("source_name") ?? "",
      meta.text("entry_point_name") ?? "",
      meta.text("user_id") ?? "",
      status,
      meta.integer("start_time") ?? 0,
      meta.integer("end_time"),
      meta.text("source_version") ?? "",
      isDeleted ? "deleted" : "active",
      meta.text("artifact_uri"),
      plan.number,
      isDeleted ? meta.integer("deleted_time") : null,
    ],
  );
  await putRunTags(statements, id, [{ key: runNameTag, value: runName }]);
}

/** Runs of old have their name there only. */
async function nameTag(folder: StoreFolder): Promise<string | null> {
  try {
    return await folder.at("tags").text(runNameTag, 8000);
  } catch (error) {
    if (error instanceof PartProblem) return null;
    throw error;
  }
}

async function importMetrics(statements: Statements, folder: StoreFolder, runId: string): Promise<void> {
  const { report } = folder;
  for await (const key of folder.keys()) {
    await folder.attempt(async () => {
      for await (const points of pointBatches(folder, key)) {
        await putMetrics(statements, runId, points);
        report.counts.metrics += points.length;
        report.progress();
      }
    }, key);
  }
}

async function importInputs(statements: Statements, folder: StoreFolder, run: RunPlan): Promise<void> {
  const { name: runId, plan, datasets } = run;
  for (const [kind, source] of [
    ["inputs", "RUN_INPUT"],
    ["outputs", "RUN_OUTPUT"],
  ] as const) {
    const edges = folder.at(kind);
    for (const name of (await edges.list()).folders) {
      const edge = edges.at(name);
      await edge.attempt(async () => {
        const meta = await edge.meta();
        if (meta.text("source_type") === "DATASET") {
          const dataset = datasets.get(meta.needed("source_id"));
          if (dataset === undefined) throw new PartProblem("the data set that it names is not there");
          const tags = [...meta.map("tags")].map(([key, value]) => ({ key, value }));
          await putDatasets(statements, { runId, experimentId: plan.number }, [{ dataset, tags }]);
          return;
        }
        const model = meta.needed("destination_id");
        if (!/^m-\w{1,34}$/.test(model)) throw new PartProblem("it names no model");
        const target = source === "RUN_INPUT" ? "MODEL_INPUT" : "MODEL_OUTPUT";
        await putEdge(statements, { from: [source, runId], to: [target, model], step: meta.integer("step") ?? 0 });
      });
    }
  }
}
