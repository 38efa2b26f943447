// Moves an alias of a registered model to a version, and notes who did, when, why, and where it pointed before.
import { type Issue, trimaranError } from "../base/errors.ts";
import type { MlflowClient } from "../mlflow/client/mlflow-client.ts";
import { endpointTable } from "../mlflow/endpoint-table.ts";
import { aliasedVersion, findVersion, type Reason, type RegistryAlias, writeRecord } from "./promotion-record.ts";

export interface PromoteOptions extends RegistryAlias, Reason {
  readonly version: string;
  /** What speaks against the version, such as `checkFit`; asked once it is known to be there. @default nothing is asked */
  readonly check?: () => Promise<readonly Issue[]>;
  /** Moves the alias whatever `check` and the registry say of the version. @default false */
  readonly force?: boolean;
}

export interface Promotion extends RegistryAlias {
  readonly version: string;
  /** Null: the alias is new. */
  readonly from: string | null;
  /** False: it pointed there already, and nothing was written. */
  readonly moved: boolean;
  /** What spoke against it, when it was forced. */
  readonly issues: readonly Issue[];
}

/**
 * @throws PROMOTE_NOT_READY, PROMOTE_UNFIT with every issue; TRACKING_MISSING for an unknown name or version, and what else the
 * client throws; what `check` throws
 */
export async function promote(client: MlflowClient, options: PromoteOptions): Promise<Promotion> {
  const { name, alias, version, by, at, why, check, force = false } = options;
  const found = await findVersion(client, name, version);
  const before = (await aliasedVersion(client, { name, alias }))?.version ?? null;
  const status = found.status ?? "READY";
  if (status !== "READY" && !force) throw trimaranError("PROMOTE_NOT_READY", { name, version, status });
  const issues = (await check?.()) ?? [];
  if (issues.length > 0 && !force) {
    throw trimaranError("PROMOTE_UNFIT", { name, version, count: issues.length }, { issues });
  }
  const told = { name, alias, version, from: before, issues };
  if (before === version) return { ...told, moved: false };
  // The record first: an alias that was moved without one could not be rolled back.
  await writeRecord(client, { name, alias, version, kind: "promotion" }, { by, at, why, from: before ?? "" });
  await client.call(endpointTable.setRegisteredModelAlias, { name, alias, version });
  return { ...told, moved: true };
}
