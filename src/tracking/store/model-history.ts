// The tag of a run that lists the models that older clients logged to it.
import type { Statements } from "../../io/sql/database.ts";
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import { putRunTags } from "./run-tags.ts";

const historyTag = "mlflow.log-model.history";

/** @throws WireError when it is no MLmodel as JSON */
export async function appendLoggedModel(statements: Statements, runId: string, modelJson: string): Promise<void> {
  const model = parsed(modelJson);
  if (model === null || typeof model !== "object" || Array.isArray(model)) {
    throw invalidParameter("Malformed model info. The value is not valid JSON format: it must be an object.");
  }
  const needed = ["artifact_path", "flavors", "utc_time_created", "run_id"].filter((name) => !(name in model));
  if (needed.length > 0) throw invalidParameter(`Model json is missing mandatory fields: ${needed.join(", ")}`);
  const rows = await statements.query("SELECT value FROM tags WHERE run_uuid = ? AND key = ?", [runId, historyTag]);
  const known = parsed(String(rows[0]?.["value"] ?? "[]"));
  const history = JSON.stringify([...(Array.isArray(known) ? (known as unknown[]) : []), model]);
  await putRunTags(statements, runId, [{ key: historyTag, value: history }]);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalidParameter("Malformed model info. The value is not valid JSON format.");
  }
}
