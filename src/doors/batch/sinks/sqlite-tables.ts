// Tables of an SQLite file, by node:sqlite; rows come from the Parquet file by DuckDB, chunk by chunk.
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { openSqlEngine, sqlName, sqlText } from "../../../tables/sql-engine.ts";
import { sqliteProblem } from "../sources/sqlite-source.ts";
import type { FileDatabase, TableWrite } from "./file-database-place.ts";
import { manifestsTable, rejectsTable, type TableColumn } from "./table-rows.ts";

const whole = /^(BOOLEAN|U?TINYINT|U?SMALLINT|U?INTEGER|BIGINT)$/;
const real = /^(FLOAT|DOUBLE|DECIMAL)/;

export const sqliteTables: FileDatabase = {
  scheme: "sqlite",
  async read(file, { uri, table, what, where }) {
    const { DatabaseSync: Database } = await import("node:sqlite");
    const name = table.map((part) => sqlName(part)).join(".");
    try {
      const database = new Database(file, { readOnly: true, timeout: 5000 });
      try {
        const filter = where === null ? "" : ` WHERE ${sqlName(where[0])} = ?`;
        const statement = database.prepare(`SELECT ${what} FROM ${name}${filter}`);
        return statement.all(...(where === null ? [] : [where[1]]));
      } finally {
        database.close();
      }
    } catch (cause) {
      if (cause instanceof Error && /^no such (table|column)/.test(cause.message)) return [];
      throw sqliteProblem({ file, uri }, cause);
    }
  },
  async write(file, write) {
    const { DatabaseSync: Database } = await import("node:sqlite");
    try {
      const database = new Database(file, { timeout: 20_000 });
      try {
        database.exec("PRAGMA synchronous = FULL; BEGIN IMMEDIATE");
        await replaceRows(database, write);
        database.exec("COMMIT");
      } finally {
        // Rolls back what was not committed.
        database.close();
      }
    } catch (cause) {
      throw sqliteProblem({ file, uri: write.uri }, cause);
    }
  },
};

async function replaceRows(database: DatabaseSync, write: TableWrite): Promise<void> {
  const { rows, table, columns, partition, key, manifest, rejects } = write;
  const named = (name: readonly string[]): string => name.map((part) => sqlName(part)).join(".");
  const beside = (name: string): string => named([...table.slice(0, -1), name]);
  const made = columns.map(({ name, type }) => `${sqlName(name)} ${sqliteType(type)}`).join(", ");
  database.exec(`CREATE TABLE IF NOT EXISTS ${named(table)} (${made})`);
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${beside(manifestsTable)} (output TEXT PRIMARY KEY, manifest TEXT NOT NULL)`,
  );
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${beside(rejectsTable)} (output TEXT NOT NULL, place INTEGER NOT NULL, reject TEXT NOT NULL)`,
  );
  if (partition === null) database.exec(`DELETE FROM ${named(table)}`);
  else database.prepare(`DELETE FROM ${named(table)} WHERE ${sqlName(partition.column)} = ?`).run(partition.value);
  const names = columns.map(({ name }) => sqlName(name)).join(", ");
  const insert = database.prepare(
    `INSERT INTO ${named(table)} (${names}) VALUES (${columns.map(() => "?").join(", ")})`,
  );
  await using engine = await openSqlEngine([rows], { threads: 1, memoryBytes: 256 * 2 ** 20 });
  const cells = columns.map(sqliteCell).join(", ");
  const result = await engine.connection.stream(
    `SELECT ${cells} FROM read_parquet(${sqlText(rows)}, hive_partitioning = false)`,
  );
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const row of chunk.getRows()) insert.run(...(row as SQLInputValue[]));
  }
  database.prepare(`DELETE FROM ${beside(rejectsTable)} WHERE output = ?`).run(key);
  const reject = database.prepare(`INSERT INTO ${beside(rejectsTable)} VALUES (?, ?, ?)`);
  for (const [place, line] of rejects.entries()) reject.run(key, place, line);
  database.prepare(`INSERT OR REPLACE INTO ${beside(manifestsTable)} VALUES (?, ?)`).run(key, manifest);
}

function sqliteType(type: string): string {
  if (type === "BOOLEAN") return "BOOLEAN";
  if (whole.test(type)) return "INTEGER";
  if (real.test(type)) return "REAL";
  if (type === "DATE") return "DATE";
  return /^TIMESTAMP/.test(type) ? "TIMESTAMP" : "TEXT";
}

/** Whole numbers, doubles and texts: what SQLite has. NaN becomes null there. */
function sqliteCell({ sql, type }: TableColumn): string {
  if (whole.test(type)) return `CAST(${sql} AS BIGINT)`;
  if (real.test(type)) return `CAST(${sql} AS DOUBLE)`;
  return /\[\]$|^(STRUCT|MAP)/.test(type) ? `CAST(to_json(${sql}) AS VARCHAR)` : `CAST(${sql} AS VARCHAR)`;
}
