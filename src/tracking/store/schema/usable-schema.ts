// What may be done with tables that are there: all, only reading, or nothing. Nothing is ever changed to make them fit.
import { trimaranError } from "../../../base/errors.ts";
import type { Database, Statements } from "../../../io/sql/database.ts";
import { type CatalogColumn, columnFamily, tableColumns, tableNames } from "./catalog.ts";
import { mlflowTables, olderRevisions, usableRevisions, usedTables } from "./mlflow-schema.ts";
import { columnNames } from "./table.ts";

/**
 * Null: all that we use is there and may be written; else why it is only read.
 *
 * @throws STORE_FOREIGN, STORE_OLD
 */
export async function schemaProblem(database: Database, uri: string): Promise<string | null> {
  const store = database.name;
  const names = await tableNames(database);
  if (!names.has("alembic_version")) {
    throw trimaranError("STORE_FOREIGN", { store, problem: "it has no table alembic_version" });
  }
  const revision = await revisionOf(database);
  if (olderRevisions.has(revision)) throw trimaranError("STORE_OLD", { store, revision, uri });
  // Other programs keep their revision in a table of this name, too.
  const lacks = ["experiments", "runs", "metrics"].find((table) => !names.has(table));
  if (lacks !== undefined) throw trimaranError("STORE_FOREIGN", { store, problem: `it has no table ${lacks}` });
  if (usableRevisions.has(revision)) return null;
  for (const [table, used] of usedTables) {
    const problem = names.has(table) ? await tableProblem(database, table, used) : `the table ${table} is not there`;
    if (problem !== null) return `revision ${revision}: ${problem}`;
  }
  return null;
}

async function revisionOf(database: Database): Promise<string> {
  const store = database.name;
  const columns = await tableColumns(database, "alembic_version");
  if (!columns.some(({ name }) => name === "version_num")) {
    throw trimaranError("STORE_FOREIGN", { store, problem: "its table alembic_version is another one" });
  }
  const rows = await database.query("SELECT version_num FROM alembic_version");
  if (rows.length !== 1) throw trimaranError("STORE_FOREIGN", { store, problem: `it has ${rows.length} revisions` });
  return String(rows[0]?.["version_num"]);
}

async function tableProblem(database: Statements, table: string, used: readonly string[]): Promise<string | null> {
  const theirs = new Map((await tableColumns(database, table)).map((column) => [column.name, column]));
  for (const { name, family, isRequired, hasDefault, isKey } of ourColumns(table).filter((each) =>
    used.includes(each.name),
  )) {
    const column = theirs.get(name);
    if (column === undefined) return `the column ${table}.${name} is not there`;
    if (column.family !== family) return `the column ${table}.${name} is of another type`;
    if (column.isKey !== isKey) return `${table} has another primary key`;
    const mayBeLeftOut = !isRequired || hasDefault;
    if (mayBeLeftOut && column.isRequired && !column.hasDefault)
      return `${table}.${name} is required and has no default`;
  }
  const others = [...theirs.values()].filter(({ name }) => !used.includes(name));
  const needed = others.find(({ isRequired, hasDefault }) => isRequired && !hasDefault);
  if (needed !== undefined) return `${table}.${needed.name} is required and has no default`;
  return others.some(({ name, isKey }) => isKey && name !== "workspace") ? `${table} has another primary key` : null;
}

/** The columns of one of our tables, as a catalog would tell them. */
function ourColumns(table: string): readonly CatalogColumn[] {
  const ours = mlflowTables[table];
  if (ours === undefined) return [];
  const key =
    /PRIMARY KEY \(([^)]*)\)/.exec(ours.constraints.find((each) => each.includes("PRIMARY KEY")) ?? "")?.[1] ?? "";
  const keys = new Set(key.split(",").map((name) => name.trim().replaceAll('"', "")));
  return columnNames(ours).map((name, index) => {
    const text = ours.columns[index] ?? "";
    return {
      name,
      isRequired: text.includes("NOT NULL"),
      hasDefault: /\b(DEFAULT|GENERATED)\b/.test(text),
      isKey: keys.has(name),
      family: columnFamily(text.split(" ")[1] ?? ""),
    };
  });
}
