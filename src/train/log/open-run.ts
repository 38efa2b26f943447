// A run of the tracking server while it is written: parameters, metrics, data sets and artifacts go in, and it is ended in every case.
import { isTrimaranError, trimaranError } from "../../base/errors.ts";
import { putFiles } from "../../loaders/mlflow/put-files.ts";
import type { Tracking } from "../../loaders/mlflow/tracking.ts";
import type { Environment } from "../../loaders/mlflow/tracking-settings.ts";
import { endpointTable } from "../../mlflow/endpoint-table.ts";
import type { MessageInput } from "../../mlflow/wire/field-type.ts";

export interface RunOptions {
  /** Made when it is not there yet. */
  readonly experiment: { readonly name: string } | { readonly id: string };
  /** @default the server's own choice */
  readonly runName?: string | undefined;
  readonly user: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly env: Environment;
}

export type EndStatus = "FINISHED" | "FAILED" | "KILLED";

export interface LoggedDataset {
  readonly name: string;
  /** At most 36 characters. */
  readonly digest: string;
  readonly context: "training" | "validation";
  /** Where it came from, as the user wrote it. */
  readonly source: string;
  /** Column → MLflow's type. */
  readonly columns: Readonly<Record<string, string>>;
  readonly rows: number;
}

export interface OpenRun {
  readonly runId: string;
  readonly experimentId: string;
  readonly artifactLocation: string;
  readonly env: Environment;
  readonly tracking: Tracking;
  /** @throws TRACKING_* */
  logParams(params: Readonly<Record<string, string | number | boolean>>): Promise<void>;
  /** NaN and infinite ones too. @throws TRACKING_* */
  logMetrics(metrics: Readonly<Record<string, number>>, modelId?: string): Promise<void>;
  logDatasets(datasets: readonly LoggedDataset[]): Promise<void>;
  /** Files of a folder below the run's own artifacts. */
  putArtifacts(folder: string, names: readonly string[]): Promise<void>;
  end(status: EndStatus): Promise<void>;
}

/** @throws TRACKING_* */
export async function openRun(tracking: Tracking, options: RunOptions): Promise<OpenRun> {
  const { client } = tracking;
  const { env, user, runName } = options;
  const experimentId = await experimentOf(tracking, options.experiment);
  const tags = {
    "mlflow.user": user,
    ...options.tags,
    ...(runName === undefined ? {} : { "mlflow.runName": runName }),
  };
  const { run } = await client.call(endpointTable.createRun, {
    experiment_id: experimentId,
    user_id: user,
    start_time: Date.now(),
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    ...(runName === undefined ? {} : { run_name: runName }),
  });
  const runId = run?.info?.run_id ?? run?.info?.run_uuid;
  const artifactLocation = run?.info?.artifact_uri;
  if (!runId || !artifactLocation) {
    throw trimaranError("TRACKING_ANSWER", {
      server: tracking.transport.name,
      problem: "the new run has no ID or place",
    });
  }
  return {
    runId,
    experimentId,
    artifactLocation,
    env,
    tracking,
    logParams: (params) =>
      client.logAll(runId, {
        params: Object.entries(params).map(([key, value]) => ({ key, value: String(value).slice(0, maxParam) })),
      }),
    logMetrics: (metrics, modelId) =>
      client.logAll(runId, {
        metrics: Object.entries(metrics).map(([key, value]) => ({
          key,
          value,
          timestamp: Date.now(),
          step: 0,
          ...(modelId === undefined ? {} : { model_id: modelId }),
        })),
      }),
    async logDatasets(datasets) {
      const inputs = datasets.map(datasetInput);
      await orUnsupported(client.call(endpointTable.logInputs, { run_id: runId, datasets: inputs }));
    },
    putArtifacts: (folder, names) => putFiles(tracking, { location: artifactLocation, folder, names, env }),
    async end(status) {
      await client.call(endpointTable.updateRun, { run_id: runId, run_uuid: runId, status, end_time: Date.now() });
    },
  };
}

/** What every server since 1.28 takes; newer ones take 6,000. */
const maxParam = 500;

/** Data sets are known since MLflow 2.4. */
async function orUnsupported(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isTrimaranError(error) || error.code !== "TRACKING_UNSUPPORTED") throw error;
  }
}

async function experimentOf({ client }: Tracking, wanted: RunOptions["experiment"]): Promise<string> {
  if ("id" in wanted) return wanted.id;
  const { name } = wanted;
  const find = async (): Promise<string | null> => {
    try {
      const { experiment } = await client.call(endpointTable.getExperimentByName, { experiment_name: name });
      if (experiment?.lifecycle_stage === "deleted") {
        const problem = `the experiment ${name} is deleted; restore it or name another one`;
        throw trimaranError("TRACKING_REFUSED", { server: client.transport.name, code: "INVALID_STATE", problem });
      }
      return experiment?.experiment_id ?? null;
    } catch (error) {
      if (isTrimaranError(error) && error.code === "TRACKING_MISSING") return null;
      throw error;
    }
  };
  const found = await find();
  if (found !== null) return found;
  try {
    const { experiment_id: made = "" } = await client.call(endpointTable.createExperiment, { name });
    return made;
  } catch (error) {
    // Somebody else made it in between.
    const again = await find().catch(() => null);
    if (again === null) throw error;
    return again;
  }
}

function datasetInput(dataset: LoggedDataset): MessageInput<"DatasetInput"> {
  const { name, digest, context, source, columns, rows } = dataset;
  const colspec = Object.entries(columns).map(([column, type]) => ({ type, name: column, required: true }));
  return {
    tags: [{ key: "mlflow.data.context", value: context }],
    dataset: {
      name: name.slice(0, 500),
      digest: digest.slice(0, 36),
      source_type: "local",
      source: JSON.stringify({ uri: source }),
      schema: JSON.stringify({ mlflow_colspec: colspec }),
      profile: JSON.stringify({ num_rows: rows, num_elements: rows * colspec.length }),
    },
  };
}
