// Tags of runs. The tag mlflow.runName is the run's name, and the other way round.
import type { Statements } from "../../io/sql/database.ts";
import { WireError } from "../../mlflow/wire/wire-error.ts";

export const runNameTag = "mlflow.runName";

export interface RunTag {
  readonly key: string;
  readonly value: string;
}

export async function putRunTags(statements: Statements, runId: string, tags: readonly RunTag[]): Promise<void> {
  // Of two with one key the last one counts.
  const last = new Map(tags.map(({ key, value }) => [key, value]));
  await statements.insertMany(
    "INSERT INTO tags (run_uuid, key, value) VALUES (?, ?, ?) ON CONFLICT (key, run_uuid) DO UPDATE SET value = excluded.value",
    [...last].map(([key, value]) => [runId, key, value]),
  );
  const name = last.get(runNameTag);
  if (name !== undefined)
    await statements.run("UPDATE runs SET name = ? WHERE run_uuid = ?", [name.slice(0, 250), runId]);
}

/** @throws WireError */
export async function dropRunTag(statements: Statements, runId: string, key: string): Promise<void> {
  const count = await statements.run("DELETE FROM tags WHERE run_uuid = ? AND key = ?", [runId, key]);
  if (count === 0) {
    throw new WireError("RESOURCE_DOES_NOT_EXIST", `No tag with name: ${key} in run with id ${runId}`);
  }
}
