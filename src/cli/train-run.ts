// `trimaran train` as a run: begun before a row is read, ended in every case, and what to type next.
import { execFile } from "node:child_process";
import { userInfo } from "node:os";
import { basename, dirname } from "node:path";
import { promisify } from "node:util";
import type { OpenedDefinition } from "../deployment/resolved-deployment.ts";
import { openTrackingClient } from "../loaders/mlflow/tracking.ts";
import { dataDigest } from "../train/data/data-files.ts";
import type { RowSource } from "../train/data/row-source.ts";
import { type LoggedTraining, logTraining } from "../train/log/log-training.ts";
import { type LoggedDataset, type OpenRun, openRun, type RunOptions } from "../train/log/open-run.ts";
import { type Trained, trainingMetrics } from "../train/log/training-records.ts";
import type { TrainedOnRows } from "../train/train-on-rows.ts";
import type { CommandCall } from "./command.ts";
import { onOneLine } from "./messages.ts";
import { trackingOptions } from "./open-target.ts";
import { version } from "./package-version.ts";
import { textOf } from "./settings.ts";
import type { TrainPlan } from "./train-plan.ts";
import type { TrainReport } from "./train-save.ts";

export interface TrainingRun {
  readonly plan: TrainPlan;
  readonly opened: OpenedDefinition | null;
  readonly files: readonly string[];
  readonly held: readonly string[] | number;
  readonly source: RowSource;
  readonly train: () => Promise<Trained>;
}

/** @throws TRACKING_*, ARTIFACT_*, BLOB_*, FILE_*, and what `train` throws; the run says then how it ended */
export async function logAsRun(call: CommandCall, training: TrainingRun): Promise<TrainReport> {
  const { host, messages } = call;
  const tracking = await openTrackingClient({
    ...trackingOptions(call),
    requireTracking: true,
    createsStore: true,
    onNotice: (notice) => messages.info(onOneLine(notice)),
  });
  try {
    const run = await openRun(tracking, await runOptions(call, training));
    messages.debug(`Run ${run.runId} on ${tracking.transport.name}`);
    try {
      const { trained, folder } = await training.train();
      const { plan, source } = training;
      const logged = await logTraining(run, {
        trained,
        folder,
        facts: {
          algorithm: plan.algorithm,
          task: source.task,
          target: source.target,
          data: plan.data,
          validation: typeof plan.validation === "number" ? String(plan.validation) : plan.validation.join(" "),
          seed: plan.seed,
        },
        datasets: await datasetsOf(call, training, trained),
        register: plan.register,
        signal: host.signal,
      });
      await run.end("FINISHED");
      return reportOf(training, { run, trained, logged });
    } catch (error) {
      await run.end(host.signal.aborted ? "KILLED" : "FAILED").catch((cause: unknown) => {
        const text = cause instanceof Error ? cause.message : "the server does not answer";
        messages.warn(onOneLine(`run ${run.runId} stays RUNNING: ${text}`));
      });
      throw error;
    }
  } finally {
    await tracking.close();
  }
}

async function runOptions({ settings, host }: CommandCall, { plan, opened }: TrainingRun): Promise<RunOptions> {
  const { env } = host;
  const id = env["MLFLOW_EXPERIMENT_ID"];
  const named = textOf(settings, "experiment") ?? (env["MLFLOW_EXPERIMENT_NAME"] || null);
  const commit = await gitCommit(opened === null ? process.cwd() : dirname(opened.file));
  const user = env["LOGNAME"] || env["USER"] || env["USERNAME"] || systemUser();
  const runName = textOf(settings, "run-name");
  return {
    experiment: named === null && id ? { id } : { name: named ?? opened?.definition.name ?? "Default" },
    ...(runName === null ? {} : { runName }),
    user,
    env,
    tags: {
      "mlflow.source.name": `trimaran train ${plan.algorithm}`,
      "mlflow.source.type": "LOCAL",
      ...(commit === null ? {} : { "mlflow.source.git.commit": commit }),
      "trimaran.version": version(),
      ...(opened === null
        ? {}
        : { "trimaran.definition": opened.definition.name, "trimaran.definition_digest": opened.digest }),
    },
  };
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a number without a name.
    return "unknown";
  }
}

/** Null where there is no repository, or no git. */
async function gitCommit(folder: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)("git", ["rev-parse", "HEAD"], { cwd: folder, timeout: 5000 });
    return /^[0-9a-f]{40,64}$/.test(stdout.trim()) ? stdout.trim() : null;
  } catch {
    return null;
  }
}

async function datasetsOf(
  { host }: CommandCall,
  { plan, files, held, source }: TrainingRun,
  { rows }: TrainedOnRows,
): Promise<readonly LoggedDataset[]> {
  const dataset = async (
    context: LoggedDataset["context"],
    of: { readonly files: readonly string[]; readonly written: readonly string[]; readonly rows: number },
  ): Promise<LoggedDataset> => ({
    name: basename(of.files[0] ?? "data"),
    digest: await dataDigest(of.files, host.signal),
    context,
    source: of.written.join(" "),
    columns: source.columns,
    rows: of.rows,
  });
  const training = await dataset("training", { files, written: plan.data, rows: rows.training });
  if (typeof held === "number") return [training];
  const written = typeof plan.validation === "number" ? [] : plan.validation;
  return [training, await dataset("validation", { files: held, written, rows: rows.validation })];
}

interface Ended {
  readonly run: OpenRun;
  readonly trained: TrainedOnRows;
  readonly logged: LoggedTraining;
}

function reportOf({ plan }: TrainingRun, { run, trained, logged }: Ended): TrainReport {
  const { runId, experimentId } = run;
  const { model, version: registered } = logged;
  const next =
    plan.deployment === null
      ? `trimaran serve ${model.uri}`
      : `RUN_ID=${runId} trimaran serve ${shellWord(plan.deployment)}`;
  const name = plan.register?.name ?? null;
  const alias = plan.register?.alias ?? null;
  const named =
    name === null ? [] : [`models:/${name}/${registered}${alias === null ? "" : `, models:/${name}@${alias}`}`];
  return {
    json: {
      run_id: runId,
      experiment_id: experimentId,
      model_uri: model.uri,
      model_id: model.modelId,
      registered: name === null ? null : { name, version: registered, alias },
      estimator: trained.model.estimator,
      metrics: trainingMetrics(trained),
      rows: trained.rows,
      left_out: trained.leftOut.reasons().map(({ path, code, count }) => ({ path, code, count })),
      next,
    },
    text: [`RUN_ID=${runId}`, ...named, next].map(onOneLine).join("\n"),
  };
}

function shellWord(text: string): string {
  return /^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
