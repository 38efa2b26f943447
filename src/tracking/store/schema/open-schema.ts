// Opens a store: makes MLflow's tables in an empty one, or decides what may be done with the tables that are there.
import type { Database, Statements } from "../../../io/sql/database.ts";
import { openPostgres } from "../../../io/sql/postgres-database.ts";
import { openSqlite } from "../../../io/sql/sqlite-database.ts";
import type { StorePlace } from "../../store-uri.ts";
import { tableNames } from "./catalog.ts";
import { furtherStatements, mlflowTables } from "./mlflow-schema.ts";
import { postgresStatements } from "./postgres-tables.ts";
import { makeSearchIndexes } from "./search-indexes.ts";
import { createTable } from "./table.ts";
import { schemaProblem } from "./usable-schema.ts";

export interface OpenedSchema {
  readonly database: Database;
  /** What the user should know: it is open for reading only, and why. */
  readonly notice: string | null;
}

/** @throws STORE_OLD, STORE_FOREIGN, STORE_FILE, STORE_LOCKED, STORE_UNREACHABLE, STORE_REFUSED, STORE_MISSING */
export async function openSchema(place: StorePlace): Promise<OpenedSchema> {
  const problem = await problemOf(place);
  const database = await openPlace(place, { readOnly: problem !== null });
  if (problem !== null) {
    return { database, notice: `${database.name} is of a newer MLflow and open for reading only: ${problem}.` };
  }
  try {
    if (await isEmpty(database)) await database.transaction(makeTables);
    else await makeSearchIndexes(database);
    return { database, notice: null };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Looks at what is there without leaving a trace: it may be somebody else's. */
async function problemOf(place: StorePlace): Promise<string | null> {
  await using database = await openPlace(place, { untouched: true });
  return (await isEmpty(database)) ? null : await schemaProblem(database, place.shown);
}

interface PlaceOptions {
  readonly readOnly?: boolean;
  readonly untouched?: boolean;
}

function openPlace(place: StorePlace, { readOnly = false, untouched = false }: PlaceOptions): Promise<Database> {
  return place.kind === "sqlite"
    ? openSqlite(place.file, { readOnly, untouched })
    : openPostgres(place.postgres, { readOnly });
}

async function isEmpty(statements: Statements): Promise<boolean> {
  return (await tableNames(statements)).size === 0;
}

/** Any number, the same in every process of ours: only one makes the tables. */
const makingLock = 7_420_318;

async function makeTables(statements: Statements): Promise<void> {
  const isPostgres = statements.dialect.name === "postgresql";
  if (isPostgres) await statements.query(`SELECT pg_advisory_xact_lock(${makingLock}) IS NULL AS locked`);
  // Another process may have been faster.
  if (!(await isEmpty(statements))) return;
  for (const statement of isPostgres ? postgresStatements() : sqliteStatements()) await statements.run(statement);
}

function* sqliteStatements(): Generator<string> {
  for (const [name, table] of Object.entries(mlflowTables)) {
    yield createTable(name, table);
    yield* table.indexes ?? [];
  }
  yield* furtherStatements;
}
