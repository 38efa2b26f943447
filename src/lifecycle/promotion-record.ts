// The record of a moved alias: tags of the model version, since a registry keeps nothing else for us.
//
//   trimaran.promotion.ALIAS.by · .at · .why · .from     on the version that an alias was moved to; `from` is empty for a new alias
//   trimaran.rollback.ALIAS.by · .at · .why · .to        on the version that it was taken back from
import { isTrimaranError, trimaranError } from "../base/errors.ts";
import type { MlflowClient } from "../mlflow/client/mlflow-client.ts";
import { endpointTable } from "../mlflow/endpoint-table.ts";
import type { MessageOf } from "../mlflow/wire/field-type.ts";

export interface RegistryAlias {
  readonly name: string;
  readonly alias: string;
}

/** Who moves an alias, and why. */
export interface Reason {
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  readonly why: string;
}

/** What a tag's value may be in every store of MLflow. */
const maxTagChars = 5000;

/** Tags of the registry cannot be set together: `from`, which makes the record one, comes last. */
export async function writeRecord(
  client: MlflowClient,
  { name, alias, version, kind }: RegistryAlias & { readonly version: string; readonly kind: "promotion" | "rollback" },
  record: (Reason & { readonly from: string }) | (Reason & { readonly to: string }),
): Promise<void> {
  for (const [field, value] of Object.entries(record) as [string, string][]) {
    const key = recordKey(kind, alias, field);
    await client.call(endpointTable.setModelVersionTag, { name, version, key, value: value.slice(0, maxTagChars) });
  }
}

export function recordKey(kind: "promotion" | "rollback", alias: string, field: string): string {
  return `trimaran.${kind}.${alias}.${field}`;
}

/** @throws TRACKING_MISSING for an unknown name or version */
export async function findVersion(
  client: MlflowClient,
  name: string,
  version: string,
): Promise<MessageOf<"ModelVersion">> {
  const { model_version } = await client.call(endpointTable.getModelVersion, { name, version });
  if (model_version === undefined || model_version.version !== version) {
    throw trimaranError("TRACKING_ANSWER", { server: client.transport.name, problem: "it tells of another version" });
  }
  return model_version;
}

/** Null: there is no such alias. @throws TRACKING_MISSING for an unknown name */
export async function aliasedVersion(
  client: MlflowClient,
  { name, alias }: RegistryAlias,
): Promise<MessageOf<"ModelVersion"> | null> {
  try {
    const { model_version } = await client.call(endpointTable.getModelVersionByAlias, { name, alias });
    if (/^\d{1,10}$/.test(model_version?.version ?? "")) return model_version ?? null;
  } catch (error) {
    if (!isTrimaranError(error) || error.code !== "TRACKING_MISSING") throw error;
    // An unknown name is told apart.
    await client.call(endpointTable.getRegisteredModel, { name });
    return null;
  }
  throw trimaranError("TRACKING_ANSWER", { server: client.transport.name, problem: "it names no version" });
}
