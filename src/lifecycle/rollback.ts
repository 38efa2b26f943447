// Moves an alias back to the version that it pointed to before the last promotion, as its record says.
import { isTrimaranError, trimaranError } from "../base/errors.ts";
import type { MlflowClient } from "../mlflow/client/mlflow-client.ts";
import { endpointTable } from "../mlflow/endpoint-table.ts";
import {
  aliasedVersion,
  findVersion,
  type Reason,
  type RegistryAlias,
  recordKey,
  writeRecord,
} from "./promotion-record.ts";

export interface Rollback extends RegistryAlias {
  /** The version that the alias was taken from. */
  readonly from: string;
  /** The one that it points to now. */
  readonly version: string;
}

/** @throws ROLLBACK_NO_ALIAS, ROLLBACK_NO_RECORD, ROLLBACK_GONE; what the client throws */
export async function rollback(client: MlflowClient, options: RegistryAlias & Reason): Promise<Rollback> {
  const { name, alias, by, at, why } = options;
  const current = await aliasedVersion(client, { name, alias });
  if (current === null) throw trimaranError("ROLLBACK_NO_ALIAS", { name, alias });
  const from = current.version ?? "";
  // The version's own answer has its tags also where that of the alias has none.
  const { tags } = await findVersion(client, name, from);
  const key = recordKey("promotion", alias, "from");
  const version = tags.find((tag) => tag.key === key)?.value ?? "";
  if (!/^\d{1,10}$/.test(version) || version === from) {
    throw trimaranError("ROLLBACK_NO_RECORD", { name, alias, version: from });
  }
  await findVersion(client, name, version).catch((cause: unknown) => {
    if (!isTrimaranError(cause) || cause.code !== "TRACKING_MISSING") throw cause;
    throw trimaranError("ROLLBACK_GONE", { name, alias, version }, { cause });
  });
  await writeRecord(client, { name, alias, version: from, kind: "rollback" }, { by, at, why, to: version });
  await client.call(endpointTable.setRegisteredModelAlias, { name, alias, version });
  // A record is used once: two rollbacks must not lead back to what was left.
  await client.call(endpointTable.deleteModelVersionTag, { name, version: from, key });
  return { name, alias, from, version };
}
