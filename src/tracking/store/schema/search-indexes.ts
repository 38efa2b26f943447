// Indexes of our own beside MLflow's, in SQLite files that we make: with them a search among 100,000 runs need not look at all
// of them. They are made when there are runs enough to make a difference; until then the file is MLflow's to the last index.
// MLflow's server keeps them up to date without knowing them. A file that it made is used as it is.
import type { Database, Statements } from "../../../io/sql/database.ts";
import { mlflowTables } from "./mlflow-schema.ts";
import { createTable } from "./table.ts";

export const searchIndexes: Readonly<Record<string, string>> = {
  trimaran_runs_start:
    "CREATE INDEX trimaran_runs_start ON runs (experiment_id, lifecycle_stage, start_time DESC, run_uuid)",
  trimaran_latest_metrics_value:
    'CREATE INDEX trimaran_latest_metrics_value ON latest_metrics ("key", value, is_nan, run_uuid)',
  trimaran_params_value: 'CREATE INDEX trimaran_params_value ON params ("key", value, run_uuid)',
  trimaran_tags_value: 'CREATE INDEX trimaran_tags_value ON tags ("key", value, run_uuid)',
};

/** With fewer runs MLflow's own indexes do; making them then takes a few milliseconds. */
const manyRuns = 1000;
/** How many runs are made between two looks. */
const runsPerLook = 100;

const created = new WeakMap<Database, number>();

/** Of a file that we made, and that may be written. */
export async function makeSearchIndexes(database: Database): Promise<void> {
  const { dialect, isReadOnly } = database;
  if (dialect.name !== "sqlite" || isReadOnly || !(await isOurs(database)) || !(await isLarge(database))) return;
  if (await ask(database)) return;
  await database.transaction(async (statements) => {
    for (const statement of Object.values(searchIndexes)) {
      await statements.run(statement.replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS"));
    }
  });
}

/** To be called when a run was made: looks now and then whether they are many by now. */
export async function runWasMade(database: Database): Promise<void> {
  const count = (created.get(database) ?? 0) + 1;
  created.set(database, count);
  if (count % runsPerLook === 0) await makeSearchIndexes(database);
}

async function isLarge(statements: Statements): Promise<boolean> {
  const rows = await statements.query("SELECT 1 AS found FROM runs LIMIT 1 OFFSET ?", [manyRuns - 1]);
  return rows.length > 0;
}

/** MLflow's own files come out of its migrations, with `runs` as SQLAlchemy writes it; ours are made whole. */
async function isOurs(statements: Statements): Promise<boolean> {
  const rows = await statements.query("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'runs'");
  const { runs } = mlflowTables;
  return runs !== undefined && rows[0]?.sql === createTable("runs", runs);
}

/** Looked up again while they are missing. */
const known = new WeakMap<Statements, Promise<boolean>>();

/** Whether all of them are there; it is asked once for each database that is open. */
export function hasSearchIndexes(statements: Statements): Promise<boolean> {
  const before = known.get(statements);
  if (before !== undefined) return before;
  const asked = ask(statements);
  known.set(statements, asked);
  void asked.then((are) => {
    if (!are) known.delete(statements);
  });
  return asked;
}

async function ask(statements: Statements): Promise<boolean> {
  if (statements.dialect.name !== "sqlite") return false;
  const rows = await statements.query("SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'trimaran_%'");
  const names = new Set(rows.map(({ name }) => String(name)));
  return Object.keys(searchIndexes).every((name) => names.has(name));
}
