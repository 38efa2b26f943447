// The model of a run: a logged model where the server keeps such (3.0 and later), else a folder among the run's artifacts; and its
// registration under a name.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isTrimaranError, trimaranError } from "../../base/errors.ts";
import { putFiles } from "../../loaders/mlflow/put-files.ts";
import { endpointTable } from "../../mlflow/endpoint-table.ts";
import { signatureText } from "../../mlflow/write-mlmodel.ts";
import type { ModelFolder, ModelPlace } from "./model-folder.ts";
import type { OpenRun } from "./open-run.ts";

export interface LoggedModel {
  /** Null: the server keeps no logged models. */
  readonly modelId: string | null;
  /** Of the folder itself. */
  readonly location: string;
  /** `runs:/RUN/model` */
  readonly uri: string;
}

export interface LogModelOptions {
  readonly folder: ModelFolder;
  /** An empty folder of this disk, for the files on their way. */
  readonly scratch: string;
  /** Of the logged model, beside those of the run. */
  readonly params: Readonly<Record<string, string | number | boolean>>;
  readonly signal?: AbortSignal;
}

/** What `serve` looks for below a run. */
const modelName = "model";

/** @throws TRACKING_*, ARTIFACT_*, BLOB_*, FILE_* */
export async function logModel(run: OpenRun, options: LogModelOptions): Promise<LoggedModel> {
  const uri = `runs:/${run.runId}/${modelName}`;
  const made = await createLoggedModel(run, options);
  if (made === null) {
    const location = `${run.artifactLocation.replace(/\/+$/, "")}/${modelName}`;
    const place = { artifactPath: modelName, runId: run.runId, modelId: null };
    await putModel(run, { ...options, location, place });
    await recordHistory(run, options.folder);
    return { modelId: null, location, uri };
  }
  const { modelId, location } = made;
  const { client } = run.tracking;
  try {
    await client.call(endpointTable.logOutputs, { run_id: run.runId, models: [{ model_id: modelId, step: 0 }] });
    await putModel(run, { ...options, location, place: { artifactPath: location, runId: run.runId, modelId } });
    await client.call(endpointTable.finalizeLoggedModel, { model_id: modelId, status: "LOGGED_MODEL_READY" });
  } catch (error) {
    await client
      .call(endpointTable.finalizeLoggedModel, { model_id: modelId, status: "LOGGED_MODEL_UPLOAD_FAILED" })
      .catch(() => {});
    throw error;
  }
  return { modelId, location, uri };
}

/** Writes the folder to this disk, the MLmodel last: without one there is no model. */
export async function writeModelFolder(
  path: string,
  folder: ModelFolder,
  place: ModelPlace,
): Promise<readonly string[]> {
  await mkdir(path, { recursive: true });
  const files = [...folder.files, ["MLmodel", folder.mlmodel(place)] as const];
  for (const [name, bytes] of files) await writeFile(join(path, name), bytes);
  return files.map(([name]) => name);
}

interface ModelToPut extends LogModelOptions {
  readonly location: string;
  readonly place: ModelPlace;
}

async function putModel(run: OpenRun, { folder, scratch, location, place, signal }: ModelToPut): Promise<void> {
  const names = await writeModelFolder(scratch, folder, place);
  await putFiles(run.tracking, {
    location,
    folder: scratch,
    names,
    env: run.env,
    ...(signal === undefined ? {} : { signal }),
  });
}

async function createLoggedModel(
  run: OpenRun,
  { params }: LogModelOptions,
): Promise<{ readonly modelId: string; readonly location: string } | null> {
  const { client } = run.tracking;
  try {
    const { model } = await client.call(endpointTable.createLoggedModel, {
      experiment_id: run.experimentId,
      name: modelName,
      source_run_id: run.runId,
      params: Object.entries(params).map(([key, value]) => ({ key, value: String(value) })),
    });
    const { model_id: modelId, artifact_uri: location } = model?.info ?? {};
    if (!modelId || !location) {
      const problem = "the new logged model has no ID or place";
      throw trimaranError("TRACKING_ANSWER", { server: client.transport.name, problem });
    }
    return { modelId, location };
  } catch (error) {
    if (isTrimaranError(error) && error.code === "TRACKING_UNSUPPORTED") return null;
    throw error;
  }
}

/** How servers before 3.0 show a run's models: the tag `mlflow.log-model.history`. */
async function recordHistory(run: OpenRun, folder: ModelFolder): Promise<void> {
  const entry = {
    artifact_path: modelName,
    run_id: run.runId,
    flavors: {
      ...(folder.withoutOnnx === null
        ? { onnx: { data: "model.onnx" }, python_function: { loader_module: "mlflow.onnx" } }
        : {}),
      trimaran: { data: "model.trimaran" },
    },
    signature: { inputs: signatureText(folder.inputs), outputs: signatureText(folder.outputs), params: null },
    utc_time_created: new Date().toISOString().slice(0, 23).replace("T", " "),
  };
  await run.tracking.client.call(endpointTable.logModel, { run_id: run.runId, model_json: JSON.stringify(entry) });
}

export interface RegisterOptions {
  readonly name: string;
  readonly alias: string | null;
  readonly signal?: AbortSignal;
}

/** Gives the new version's number. @throws TRACKING_* */
export async function registerModel(run: OpenRun, model: LoggedModel, options: RegisterOptions): Promise<string> {
  const { client } = run.tracking;
  const { name, alias, signal } = options;
  try {
    await client.call(endpointTable.createRegisteredModel, { name });
  } catch (error) {
    const isThere = isTrimaranError(error) && /already exists/i.test(error.message);
    if (!isThere) throw error;
  }
  const source =
    model.modelId === null
      ? { source: model.location, run_id: run.runId }
      : { source: `models:/${model.modelId}`, model_id: model.modelId };
  const { model_version: made } = await client.call(endpointTable.createModelVersion, { name, ...source });
  const version = made?.version;
  if (version === undefined) {
    throw trimaranError("TRACKING_ANSWER", { server: client.transport.name, problem: "the new version has no number" });
  }
  let status = made?.status;
  for (let tries = 0; status === "PENDING_REGISTRATION" && tries < 120; tries++) {
    await sleep(500, undefined, signal === undefined ? {} : { signal });
    status = (await client.call(endpointTable.getModelVersion, { name, version })).model_version?.status;
  }
  if (alias !== null) await client.call(endpointTable.setRegisteredModelAlias, { name, alias, version });
  return version;
}
