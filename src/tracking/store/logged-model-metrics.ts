// Metrics that are logged for a logged model beside its run.
import type { SqlRow, Statements } from "../../io/sql/database.ts";
import type { MessageOf } from "../../mlflow/wire/field-type.ts";
import { WireError } from "../../mlflow/wire/wire-error.ts";
import { numberOf, textOf } from "./rows.ts";

/** Those of them that name a model. @throws WireError when it is not there */
export async function putModelMetrics(
  statements: Statements,
  run: SqlRow,
  metrics: readonly MessageOf<"Metric">[],
): Promise<void> {
  for (const { key = "", value = 0, timestamp = 0, step, model_id, dataset_name, dataset_digest } of metrics) {
    if (model_id === undefined || model_id === "") continue;
    const models = await statements.query("SELECT model_id FROM logged_models WHERE model_id = ?", [model_id]);
    if (models.length === 0)
      throw new WireError("RESOURCE_DOES_NOT_EXIST", `Logged model with ID '${model_id}' not found.`);
    await statements.run(
      `INSERT INTO logged_model_metrics (model_id, metric_name, metric_timestamp_ms, metric_step, metric_value, experiment_id, run_id, dataset_uuid, dataset_name, dataset_digest)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (model_id, metric_name, metric_timestamp_ms, metric_step, run_id) DO NOTHING`,
      [
        model_id,
        key,
        timestamp,
        step,
        Number.isNaN(value) ? null : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value)),
        numberOf(run, "experiment_id"),
        textOf(run, "run_uuid"),
        null,
        dataset_name ?? null,
        dataset_digest ?? null,
      ],
    );
  }
}
