// Indexes of our own beside MLflow's, in SQLite files that we make: with them a search among 100,000 runs need not look at all
// of them. MLflow's server keeps them up to date without knowing them. A file that it made is used as it is.
import type { Statements } from "../../../io/sql/database.ts";

export const searchIndexes: Readonly<Record<string, string>> = {
  trimaran_runs_start:
    "CREATE INDEX trimaran_runs_start ON runs (experiment_id, lifecycle_stage, start_time DESC, run_uuid)",
  trimaran_latest_metrics_value:
    'CREATE INDEX trimaran_latest_metrics_value ON latest_metrics ("key", value, is_nan, run_uuid)',
  trimaran_params_value: 'CREATE INDEX trimaran_params_value ON params ("key", value, run_uuid)',
  trimaran_tags_value: 'CREATE INDEX trimaran_tags_value ON tags ("key", value, run_uuid)',
};

const known = new WeakMap<Statements, Promise<boolean>>();

/** Whether all of them are there; it is asked once for each database that is open. */
export function hasSearchIndexes(statements: Statements): Promise<boolean> {
  const before = known.get(statements);
  if (before !== undefined) return before;
  const asked = ask(statements);
  known.set(statements, asked);
  return asked;
}

async function ask(statements: Statements): Promise<boolean> {
  if (statements.dialect.name !== "sqlite") return false;
  const rows = await statements.query("SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'trimaran_%'");
  const names = new Set(rows.map(({ name }) => String(name)));
  return Object.keys(searchIndexes).every((name) => names.has(name));
}
