// What a back-test found, as metrics of the MLflow run that the model version came from: one point a period.
import { isTrimaranError } from "../../../base/errors.ts";
import type { MlflowClient } from "../../../mlflow/client/mlflow-client.ts";
import { endpointTable } from "../../../mlflow/endpoint-table.ts";
import type { ManifestModel } from "../ports.ts";
import type { Backtest, BacktestMetrics } from "./backtest-file.ts";

export interface BacktestRecord {
  readonly backtest: Backtest;
  readonly period: string | null;
}

/** Slices beyond these stand in the manifest only. */
const loggedSlices = 50;

/** @returns the run; null: the model came from none. @throws TRACKING_* */
export async function logBacktest(
  client: MlflowClient,
  models: readonly ManifestModel[],
  record: BacktestRecord,
): Promise<string | null> {
  const [model] = models;
  const runId = model === undefined || models.length > 1 ? null : await runOf(client, model);
  if (runId === null) return null;
  await client.logAll(runId, { metrics: metricsOf(record) });
  return runId;
}

async function runOf(client: MlflowClient, { uri, version }: ManifestModel): Promise<string | null> {
  const [, name] = /^models:\/([^/@]+)[/@]/.exec(uri) ?? [];
  if (name !== undefined && version !== null) {
    const { model_version } = await client.call(endpointTable.getModelVersion, { name: decoded(name), version });
    return model_version?.run_id || null;
  }
  const [, id] = /^models:\/(m-[\w-]+)/.exec(uri) ?? [];
  if (id !== undefined) {
    const { model } = await client.call(endpointTable.getLoggedModel, { model_id: id });
    return model?.info?.source_run_id || null;
  }
  if (version === null || !/^[\w-]{1,256}$/.test(version)) return null;
  try {
    // An MLmodel may name a run of another server.
    await client.call(endpointTable.getRun, { run_id: version });
    return version;
  } catch (error) {
    if (isTrimaranError(error) && error.code === "TRACKING_MISSING") return null;
    throw error;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

interface Point {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

/** `2021-03` is step 202103, so that the periods stand in their order. */
function metricsOf({ backtest, period }: BacktestRecord): readonly Point[] {
  const timestamp = Date.now();
  const step = Number(period?.replaceAll("-", "") ?? 0);
  const points = (metrics: BacktestMetrics, ending: string): Point[] =>
    Object.entries(metrics).flatMap(([name, value]) =>
      typeof value === "number" ? [{ key: `backtest/${name}${ending}`, value, timestamp, step }] : [],
    );
  const slices = [...backtest.slices].sort((left, right) => right.rows - left.rows).slice(0, loggedSlices);
  return [
    ...points(backtest.metrics, ""),
    { key: "backtest/rows", value: backtest.rows, timestamp, step },
    ...slices.flatMap(({ column, value, metrics }) => points(metrics, `/${plain(column)}/${plain(value ?? "null")}`)),
  ];
}

/** MLflow takes letters, digits, `_ - . :` and spaces. */
function plain(text: string): string {
  return text.replaceAll(/[^\w.\-: ]/g, "_").slice(0, 80) || "_";
}
