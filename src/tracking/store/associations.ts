// Links between things of different kinds: traces and runs, prompts, evaluation data sets and experiments.
import { randomUUID } from "node:crypto";
import type { Statements } from "../../io/sql/database.ts";
import { textOf } from "./rows.ts";

export type LinkedKind = "trace" | "run" | "prompt_version" | "evaluation_dataset" | "experiment";

export interface Links {
  readonly from: readonly [LinkedKind, string];
  readonly to: LinkedKind;
  readonly ids: readonly string[];
}

/** What is linked already stays so. */
export async function link(statements: Statements, { from, to, ids }: Links, time: number): Promise<void> {
  await statements.insertMany(
    "INSERT INTO entity_associations (association_id, source_type, source_id, destination_type, destination_id, created_time) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    [...new Set(ids)].map((id) => [`a-${randomUUID().replaceAll("-", "")}`, ...from, to, id, time]),
  );
}

export async function unlink(statements: Statements, { from, to, ids }: Links): Promise<void> {
  for (const id of ids) {
    await statements.run(
      "DELETE FROM entity_associations WHERE source_type = ? AND source_id = ? AND destination_type = ? AND destination_id = ?",
      [...from, to, id],
    );
  }
}

export async function linkedIds(
  statements: Statements,
  from: readonly [LinkedKind, string],
  to: LinkedKind,
): Promise<readonly string[]> {
  const rows = await statements.query(
    "SELECT destination_id FROM entity_associations WHERE source_type = ? AND source_id = ? AND destination_type = ? ORDER BY destination_id",
    [...from, to],
  );
  return rows.map((row) => textOf(row, "destination_id"));
}
