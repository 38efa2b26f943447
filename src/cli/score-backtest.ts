// The back-test of a batch job: before the output is published it is compared with the truth that it holds; afterwards the figures go to
// the MLflow run of the model version.
import { isTrimaranError } from "../base/errors.ts";
import { type Backtest, type BacktestMetrics, backtestFile } from "../doors/batch/backtest/backtest-file.ts";
import { backtestPlan } from "../doors/batch/backtest/backtest-plan.ts";
import { formatOf } from "../doors/batch/file-format.ts";
import type { Manifest } from "../doors/batch/ports.ts";
import type { RunHooks, Scoring, UnitResult } from "../doors/batch/scoring.ts";
import type { CommandCall } from "./command.ts";
import { counted } from "./counted.ts";
import { onOneLine } from "./messages.ts";
import { trackingOptions } from "./open-target.ts";
import { listOf } from "./settings.ts";

export interface Backtester {
  readonly beforePublish: RunHooks["beforePublish"];
  /** Never throws for what the tracking server does: the output is published. */
  log(result: UnitResult): Promise<void>;
}

/** @throws BATCH_BACKTEST when slices are asked for that cannot be */
export function openBacktester(call: CommandCall, scoring: Scoring): Backtester {
  const asked = listOf(call.settings, "slice");
  const plan = backtestPlan(scoring.write, asked.length > 0 ? asked : scoring.slices);
  if (plan === null) return { beforePublish: undefined, log: async () => {} };
  return {
    async beforePublish({ file, name, rows }) {
      if (rows === 0) return {};
      return { backtest: await backtestFile(file, formatOf(name) ?? { format: "parquet" }, plan) };
    },
    log: (result) => logToRun(call, result),
  };
}

async function logToRun(call: CommandCall, { manifest }: UnitResult): Promise<void> {
  const { messages } = call;
  const backtest = backtestOf(manifest);
  const [model] = manifest.models;
  if (backtest === null || backtest.rows === 0 || model === undefined) return;
  const isTracked = /^(models|runs):/.test(model.uri);
  if (!isTracked && !/^[0-9a-f]{32}$/.test(model.version ?? "")) return;
  // Most models come from no server, and a client of MLflow is much to load.
  const { openTrackingClient } = await import("../loaders/mlflow/tracking.ts");
  const { logBacktest } = await import("../doors/batch/backtest/log-backtest.ts");
  try {
    const tracking = await openTrackingClient({
      ...trackingOptions(call),
      onNotice: (text) => messages.debug(onOneLine(text)),
    });
    try {
      const run = await logBacktest(tracking.client, manifest.models, { backtest, period: manifest.period });
      if (run !== null) messages.info(`The back-test was logged to run ${run}.`);
    } finally {
      await tracking.close();
    }
  } catch (error) {
    const text = isTrimaranError(error) ? error.message : "the tracking server failed";
    // A model file may name a run of a server that is not ours.
    if (isTracked) messages.warn(onOneLine(`the back-test stands in the manifest, but not in MLflow: ${text}`));
    else messages.debug(onOneLine(text));
  }
}

export function backtestOf({ backtest }: Manifest): Backtest | null {
  return typeof backtest === "object" && backtest !== null ? (backtest as Backtest) : null;
}

const shownSlices = 10;

/** Lines for people; none without a back-test. */
export function backtestLines(manifest: Manifest): readonly string[] {
  const backtest = backtestOf(manifest);
  if (backtest === null) return [];
  const { field, rows, without_truth, metrics, slices } = backtest;
  const missing = without_truth === 0 ? "" : `, ${counted(without_truth)} without the truth`;
  const left = slices.length - shownSlices;
  return [
    `back-test of ${field} over ${counted(rows)} rows${missing}: ${metricsText(metrics)}`,
    ...slices
      .slice(0, shownSlices)
      .map(
        (slice) =>
          `  ${slice.column} ${slice.value ?? "null"}, ${counted(slice.rows)} rows: ${metricsText(slice.metrics)}`,
      ),
    ...(left > 0 ? [`  … and ${counted(left)} more slices in the manifest`] : []),
  ].map(onOneLine);
}

const names: Readonly<Record<string, string>> = { mae: "MAE", rmse: "RMSE", log_loss: "log loss", auc: "AUC" };

function metricsText(metrics: BacktestMetrics): string {
  return Object.entries(metrics)
    .map(
      ([name, value]) => `${names[name] ?? name} ${value === null ? "none" : Number((value as number).toPrecision(6))}`,
    )
    .join(", ");
}
