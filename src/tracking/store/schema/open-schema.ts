// Makes MLflow's tables in an empty file, or decides what may be done with the tables that are there. It never changes them.
import { trimaranError } from "../../../base/errors.ts";
import type { Database, Statements } from "../../../io/sql/database.ts";
import { openSqlite } from "../../../io/sql/sqlite-database.ts";
import { furtherStatements, mlflowTables, olderRevisions, usableRevisions, usedTables } from "./mlflow-schema.ts";
import { createTable } from "./table.ts";

export interface OpenedSchema {
  readonly database: Database;
  /** What the user should know: the file is open for reading only, and why. */
  readonly notice: string | null;
}

/** @throws STORE_OLD, STORE_FOREIGN, STORE_FILE, STORE_LOCKED */
export async function openSchema(file: string): Promise<OpenedSchema> {
  const database = await openSqlite(file);
  try {
    if (await isEmpty(database)) await database.transaction(makeTables);
    const problem = await schemaProblem(database, file);
    if (problem === null) return { database, notice: null };
    await database.close();
    const notice = `${file} is of a newer MLflow and open for reading only: ${problem}.`;
    return { database: await openSqlite(file, { readOnly: true }), notice };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function isEmpty(statements: Statements): Promise<boolean> {
  const rows = await statements.query("SELECT name FROM sqlite_master LIMIT 1");
  return rows.length === 0;
}

async function makeTables(statements: Statements): Promise<void> {
  // Another process may have been faster.
  if (!(await isEmpty(statements))) return;
  for (const [name, table] of Object.entries(mlflowTables)) {
    await statements.run(createTable(name, table));
    for (const index of table.indexes ?? []) await statements.run(index);
  }
  for (const statement of furtherStatements) await statements.run(statement);
}

/** Null: all that we use is there and may be written. */
async function schemaProblem(database: Statements, file: string): Promise<string | null> {
  const tables = await database.query("SELECT name FROM sqlite_master WHERE type = 'table'");
  const names = new Set(tables.map(({ name }) => String(name)));
  if (!names.has("alembic_version")) {
    throw trimaranError("STORE_FOREIGN", { file, problem: "it has no table alembic_version" });
  }
  const rows = await database.query("SELECT version_num FROM alembic_version");
  const revision = String(rows[0]?.["version_num"] ?? "none");
  if (rows.length !== 1) throw trimaranError("STORE_FOREIGN", { file, problem: `it has ${rows.length} revisions` });
  if (olderRevisions.has(revision)) throw trimaranError("STORE_OLD", { file, revision });
  if (usableRevisions.has(revision)) return null;
  for (const [table, columns] of usedTables) {
    const problem = names.has(table) ? await tableProblem(database, table, columns) : `the table ${table} is not there`;
    if (problem !== null) return `revision ${revision}: ${problem}`;
  }
  return null;
}

async function tableProblem(database: Statements, table: string, used: readonly string[]): Promise<string | null> {
  const columns = await database.query(
    `SELECT name, "notnull" AS required, dflt_value, pk FROM pragma_table_info('${table}')`,
  );
  const known = new Map(columns.map((row) => [String(row["name"]), row]));
  const missing = used.find((name) => !known.has(name));
  if (missing !== undefined) return `the column ${table}.${missing} is not there`;
  const ours = primaryKey(table);
  const theirs = columns.filter(({ pk }) => Number(pk) > 0).map(({ name }) => String(name));
  if (theirs.filter((name) => name !== "workspace").some((name) => !ours.has(name))) {
    return `${table} has another primary key`;
  }
  const needed = columns.find(
    ({ name, required, dflt_value }) => !used.includes(String(name)) && Number(required) === 1 && dflt_value === null,
  );
  return needed === undefined ? null : `${table}.${String(needed["name"])} is required and has no default`;
}

function primaryKey(table: string): ReadonlySet<string> {
  const text = mlflowTables[table]?.constraints.find((each) => each.includes("PRIMARY KEY")) ?? "";
  const listed = /PRIMARY KEY \(([^)]*)\)/.exec(text)?.[1] ?? "";
  return new Set(listed.split(",").map((name) => name.trim().replaceAll('"', "")));
}
