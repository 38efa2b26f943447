// A model's URI → where its artifacts lie, and what the contract calls its version.
import { isTrimaranError, trimaranError } from "../../base/errors.ts";
import type { MlflowClient } from "../../mlflow/client/mlflow-client.ts";
import { endpointTable } from "../../mlflow/endpoint-table.ts";
import { checkedLocation, parseMlflowUri } from "../../mlflow/uri.ts";
import type { MessageOf } from "../../mlflow/wire/field-type.ts";
import { joined } from "./artifact-source.ts";
import { currentVersion } from "./moving-version.ts";

export interface ResolvedModel {
  /** `mlflow-artifacts:/…`, `s3://…`, `http(s)://…`, `file:…` or a path. */
  readonly location: string;
  /** Whether the server told it; else the user did. */
  readonly isTold: boolean;
  /** The contract's `model_version`; null: what the MLmodel says. */
  readonly version: string | null;
  readonly runId: string | null;
  readonly registeredName: string | null;
}

/** Lists a folder of a run: by location, since servers without a proxy have other places. */
export type ListNames = (location: string) => Promise<readonly string[]>;

/**
 * @throws MODEL_URI, RUN_WITHOUT_MODEL, what `MlflowClient.call` throws
 */
export async function resolveModel(
  uri: string,
  { client, listNames }: { readonly client: () => Promise<MlflowClient>; readonly listNames: ListNames },
): Promise<ResolvedModel> {
  const parsed = parseMlflowUri(uri);
  switch (parsed.kind) {
    case "artifact":
      return { location: parsed.location, isTold: false, version: null, runId: null, registeredName: null };
    case "run":
      return resolveRun(await client(), { ...parsed, listNames });
    case "logged-model": {
      const model = await loggedModel(await client(), parsed.modelId);
      return {
        location: below(model.info?.artifact_uri, parsed.path),
        isTold: true,
        version: parsed.modelId,
        runId: model.info?.source_run_id || null,
        registeredName: null,
      };
    }
    case "version":
      return resolveVersion(await client(), { name: parsed.name, version: parsed.version, path: parsed.path });
    case "alias":
    case "stage":
    case "latest": {
      const registry = await client();
      const { version = "", run_id: runId } = await currentVersion(registry, parsed);
      return resolveVersion(registry, { name: parsed.name, version, path: parsed.path, runId });
    }
  }
}

interface VersionWanted {
  readonly name: string;
  readonly version: string;
  readonly path: string;
  readonly runId?: string | undefined;
}

async function resolveVersion(
  client: MlflowClient,
  { name, version, path, runId }: VersionWanted,
): Promise<ResolvedModel> {
  const { artifact_uri = "" } = await client.call(endpointTable.getModelVersionDownloadUri, { name, version });
  // A version of a logged model: older servers of 3.x name that model in place of its files.
  const modelId = /^models:\/+(m-\w+)\/?$/.exec(artifact_uri)?.[1];
  const location = modelId === undefined ? artifact_uri : (await loggedModel(client, modelId)).info?.artifact_uri;
  return { location: below(location, path, client), isTold: true, version, runId: runId || null, registeredName: name };
}

async function loggedModel(client: MlflowClient, model_id: string): Promise<MessageOf<"LoggedModel">> {
  const { model } = await client.call(endpointTable.getLoggedModel, { model_id });
  if (!model?.info?.artifact_uri) throw badAnswer(client, "it does not say where the model's files are");
  return model;
}

interface RunWanted {
  readonly runId: string;
  readonly path: string;
  readonly listNames: ListNames;
}

/** Since MLflow 3 a run's models do not lie among its artifacts, though they are named as if they did. */
async function resolveRun(client: MlflowClient, { runId, path, listNames }: RunWanted): Promise<ResolvedModel> {
  const { run } = await client.call(endpointTable.getRun, { run_id: runId, run_uuid: runId });
  const root = run?.info?.artifact_uri;
  if (!root) throw badAnswer(client, "it does not say where the run's artifacts are");
  const facts = { isTold: true, version: runId, runId, registeredName: null };
  const at = path.lastIndexOf("/");
  const [folder, file] = at < 0 ? ["", path] : [path.slice(0, at), path.slice(at + 1)];
  const names = await listNames(folder === "" ? checkedLocation(root) : below(root, folder));
  if (names.includes(file)) return { ...facts, location: below(root, path) };
  const [name = "", ...rest] = path.split("/");
  const model = await loggedModelOf(client, { runId, name, experimentId: run?.info?.experiment_id ?? "0" });
  if (model === null) throw trimaranError("RUN_WITHOUT_MODEL", { run: runId, path });
  return { ...facts, location: below(model, rest.join("/")) };
}

interface LoggedWanted {
  readonly runId: string;
  readonly name: string;
  readonly experimentId: string;
}

/** Where the newest of that name and run lies; null where there is none, and for servers before 3.0. */
async function loggedModelOf(
  client: MlflowClient,
  { runId, name, experimentId }: LoggedWanted,
): Promise<string | null> {
  if (/['"\\]/.test(name)) return null;
  let newest: MessageOf<"LoggedModel"> | null = null;
  try {
    const filter = `name = '${name}' AND source_run_id = '${runId}'`;
    for await (const model of client.searchLoggedModels({ experiment_ids: [experimentId], filter })) {
      const { info } = model;
      if (info?.name !== name || info.source_run_id !== runId || !info.artifact_uri) continue;
      if ((info.creation_timestamp_ms ?? 0) >= (newest?.info?.creation_timestamp_ms ?? 0)) newest = model;
    }
  } catch (error) {
    if (!isTrimaranError(error) || error.code !== "TRACKING_UNSUPPORTED") throw error;
  }
  return newest?.info?.artifact_uri ?? null;
}

function below(location: string | undefined, path: string, client?: MlflowClient): string {
  if (!location) {
    const server = client?.transport.name ?? "the server";
    throw trimaranError("TRACKING_ANSWER", { server, problem: "it does not say where the model's files are" });
  }
  const [start = "", query] = location.split("?");
  const whole = joined(start.replace(/\/+$/, ""), path);
  return checkedLocation(query === undefined ? whole : `${whole}?${query}`);
}

function badAnswer(client: MlflowClient, problem: string): Error {
  return trimaranError("TRACKING_ANSWER", { server: client.transport.name, problem });
}
