// Parameters of runs: once written they do not change.
import type { Statements } from "../../io/sql/database.ts";
import { WireError } from "../../mlflow/wire/wire-error.ts";

export interface RunParam {
  readonly key: string;
  readonly value: string;
}

/** The same value again is fine. @throws WireError */
export async function putParams(statements: Statements, runId: string, params: readonly RunParam[]): Promise<void> {
  const added = await statements.insertMany(
    "INSERT INTO params (run_uuid, key, value) VALUES (?, ?, ?) ON CONFLICT (key, run_uuid) DO NOTHING",
    params.map(({ key, value }) => [runId, key, value]),
  );
  if (added === params.length) return;
  for (const { key, value } of params) {
    const rows = await statements.query("SELECT value FROM params WHERE run_uuid = ? AND key = ?", [runId, key]);
    const known = rows[0]?.["value"];
    if (known !== value) {
      throw new WireError(
        "INVALID_PARAMETER_VALUE",
        `Changing param values is not allowed. Param with key='${key}' was already logged with value='${String(known)}' for run ID='${runId}'. Attempted logging new value '${value}'.`,
      );
    }
  }
}
