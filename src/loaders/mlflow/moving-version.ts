// Which version an alias, a stage or `latest` means now.
import { isTrimaranError, trimaranError } from "../../base/errors.ts";
import type { MlflowClient } from "../../mlflow/client/mlflow-client.ts";
import { endpointTable } from "../../mlflow/endpoint-table.ts";
import type { MessageOf } from "../../mlflow/wire/field-type.ts";
import type { MovingUri } from "./moving-uri.ts";

/** @throws TRACKING_MISSING, TRACKING_ANSWER, and what `MlflowClient.call` throws */
export async function currentVersion(client: MlflowClient, uri: MovingUri): Promise<MessageOf<"ModelVersion">> {
  const { name } = uri;
  const server = client.transport.name;
  const found =
    uri.kind === "alias"
      ? (await client.call(endpointTable.getModelVersionByAlias, { name, alias: uri.alias })).model_version
      : newestOf(await latestVersions(client, name, uri.kind === "stage" ? [uri.stage] : []));
  if (found === undefined && uri.kind !== "alias") {
    const problem = uri.kind === "stage" ? `${name} has no version in ${uri.stage}` : `${name} has no version`;
    throw trimaranError("TRACKING_MISSING", { server, problem });
  }
  if (found === undefined || !/^\d{1,10}$/.test(found.version ?? "")) {
    throw trimaranError("TRACKING_ANSWER", { server, problem: "it names no version" });
  }
  return found;
}

function newestOf(versions: readonly MessageOf<"ModelVersion">[]): MessageOf<"ModelVersion"> | undefined {
  return versions.reduce<MessageOf<"ModelVersion"> | undefined>(
    (best, each) => (Number(each.version) > Number(best?.version ?? -1) ? each : best),
    undefined,
  );
}

async function latestVersions(client: MlflowClient, name: string, stages: readonly string[]) {
  try {
    return (await client.call(endpointTable.getLatestVersions, { name, stages })).model_versions;
  } catch (error) {
    if (!isTrimaranError(error) || error.code !== "TRACKING_UNSUPPORTED") throw error;
    return (await client.call(endpointTable.getLatestVersions, { name, stages }, { method: "GET" })).model_versions;
  }
}
