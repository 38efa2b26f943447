// A logged model of a file store of MLflow 3, with its parameters, tags and metrics.
import type { Statements } from "../../io/sql/database.ts";
import { putModelMetrics } from "../store/logged-model-metrics.ts";
import { putModelParams, putModelTags } from "../store/logged-models.ts";
import type { ExperimentPlan } from "./experiment-plan.ts";
import { PartProblem } from "./import-report.ts";
import { modelPoints } from "./metric-file.ts";
import type { StoreFolder } from "./store-folder.ts";

export async function importLoggedModel(
  statements: Statements,
  folder: StoreFolder,
  { plan, name: id }: { readonly plan: ExperimentPlan; readonly name: string },
): Promise<void> {
  await folder.attempt(async () => {
    const meta = await folder.meta();
    if (meta.text("model_id") !== id) throw new PartProblem("its meta.yaml is of another model");
    if (!/^m-\w{1,34}$/.test(id)) throw new PartProblem("its identifier is none of a logged model");
    const known = await statements.query("SELECT 1 AS one FROM logged_models WHERE model_id = ?", [id]);
    if (known.length > 0) throw new PartProblem("there is another model of this identifier");
    const status = meta.integer("status") ?? 0;
    if (status < 0 || status > 3) throw new PartProblem("its meta.yaml holds an unknown status");
    const created = meta.integer("creation_timestamp") ?? 0;
    await statements.run(
      `INSERT INTO logged_models (model_id, experiment_id, name, artifact_location, creation_timestamp_ms, last_updated_timestamp_ms, status, lifecycle_stage, model_type, source_run_id, status_message)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'active', ?, ?, ?)`,
      [
        id,
        plan.number,
        meta.needed("name"),
        meta.needed("artifact_location"),
        created,
        meta.integer("last_updated_timestamp") ?? created,
        status,
        meta.text("model_type") ?? "",
        meta.text("source_run_id"),
        meta.text("status_message"),
      ],
    );
    await putModelParams(statements, id, await folder.at("params").texts());
    await putModelTags(statements, id, await folder.at("tags").texts());
    await importMetrics(statements, folder.at("metrics"), { plan, id });
    if (plan.isDeleted || meta.text("lifecycle_stage") === "deleted") {
      await statements.run("UPDATE logged_models SET lifecycle_stage = 'deleted' WHERE model_id = ?", [id]);
    }
    folder.report.counts.loggedModels++;
  });
}

async function importMetrics(
  statements: Statements,
  folder: StoreFolder,
  { plan, id }: { readonly plan: ExperimentPlan; readonly id: string },
): Promise<void> {
  const runs = new Map<string, boolean>();
  for await (const key of folder.keys()) {
    await folder.attempt(async () => {
      for await (const { runId, dataset, ...point } of modelPoints(folder, key)) {
        if (!runs.has(runId)) {
          const rows = await statements.query("SELECT 1 AS one FROM runs WHERE run_uuid = ?", [runId]);
          runs.set(runId, rows.length > 0);
        }
        if (runs.get(runId) !== true) throw new PartProblem("it names a run that is not there");
        const [dataset_name, dataset_digest] = dataset ?? [];
        const metric = { ...point, run_id: runId, model_id: id, dataset_name, dataset_digest };
        await putModelMetrics(statements, { experiment_id: plan.number, run_uuid: runId }, [metric]);
      }
    }, key);
  }
}
