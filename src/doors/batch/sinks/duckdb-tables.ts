// Tables of a DuckDB file, read and written by the DuckDB of this process.
import { trimaranError } from "../../../base/errors.ts";
import { engineProblem, openSqlEngine, type SqlEngine, sqlName, sqlText } from "../../../tables/sql-engine.ts";
import { attachProblem } from "../sources/duckdb-source.ts";
import { writeProblem } from "../write-problem.ts";
import type { FileDatabase, TableWrite } from "./file-database-place.ts";
import { manifestsTable, rejectsTable } from "./table-rows.ts";

/** What DuckDB keeps beside a file while it writes. */
const besides: readonly string[] = [".wal", ".tmp", ".wal.checkpoint", ".wal.recovery"];

async function attached(
  file: string,
  options: { readonly isReadOnly: boolean; readonly write?: TableWrite },
): Promise<SqlEngine> {
  const { isReadOnly, write } = options;
  const files = [file, ...besides.map((ending) => `${file}${ending}`), ...(write === undefined ? [] : [write.rows])];
  const folder = write === undefined ? {} : { folder: write.folder };
  const engine = await openSqlEngine(files, { ...folder, threads: 1, memoryBytes: 256 * 2 ** 20 });
  try {
    await engine.connection.run(`ATTACH ${sqlText(file)} AS db${isReadOnly ? " (READ_ONLY)" : ""}`);
    return engine;
  } catch (cause) {
    await engine[Symbol.asyncDispose]();
    throw attachProblem(file, cause);
  }
}

function named(table: readonly string[]): string {
  return ["db", ...table].map((part) => sqlName(part)).join(".");
}

export const duckdbTables: FileDatabase = {
  scheme: "duckdb",
  async read(file, { table, what, where }) {
    await using engine = await attached(file, { isReadOnly: true });
    const filter = where === null ? "" : ` WHERE ${sqlName(where[0])} = ${sqlText(where[1])}`;
    try {
      const rows = await engine.connection.runAndReadAll(`SELECT ${what} FROM ${named(table)}${filter}`);
      return rows.getRowObjectsJS();
    } catch (cause) {
      if (cause instanceof Error && /Catalog Error|does not exist|Binder Error/.test(cause.message)) return [];
      throw cause;
    }
  },
  async write(file, write) {
    await using engine = await attached(file, { isReadOnly: false, write });
    const { connection } = engine;
    const { uri, rows, table, columns, partition, key, manifest, rejects } = write;
    const beside = (name: string): string => named([...table.slice(0, -1), name]);
    const names = columns.map(({ name }) => sqlName(name)).join(", ");
    const made = columns.map(({ name, type }) => `${sqlName(name)} ${type}`).join(", ");
    const gone = partition === null ? "" : ` WHERE ${sqlName(partition.column)} = ${sqlText(partition.value)}`;
    const cells = columns.map(({ sql }) => sql).join(", ");
    try {
      await connection.run("BEGIN");
      await connection.run(`CREATE TABLE IF NOT EXISTS ${named(table)} (${made})`);
      await connection.run(`CREATE TABLE IF NOT EXISTS ${beside(manifestsTable)} (output VARCHAR, manifest VARCHAR)`);
      await connection.run(
        `CREATE TABLE IF NOT EXISTS ${beside(rejectsTable)} (output VARCHAR, place BIGINT, reject VARCHAR)`,
      );
      await connection.run(`DELETE FROM ${named(table)}${gone}`);
      await connection.run(
        `INSERT INTO ${named(table)} (${names}) SELECT ${cells} FROM read_parquet(${sqlText(rows)}, hive_partitioning = false)`,
      );
      for (const each of [manifestsTable, rejectsTable]) {
        await connection.run(`DELETE FROM ${beside(each)} WHERE output = ${sqlText(key)}`);
      }
      for (const [place, reject] of rejects.entries()) {
        await connection.run(`INSERT INTO ${beside(rejectsTable)} VALUES ($1, $2, $3)`, [key, place, reject]);
      }
      await connection.run(`INSERT INTO ${beside(manifestsTable)} VALUES ($1, $2)`, [key, manifest]);
      await connection.run("COMMIT");
      await connection.run("DETACH db");
    } catch (cause) {
      await connection.run("ROLLBACK").catch(() => {});
      const told = writeProblem(uri, cause);
      if (told !== cause) throw told;
      throw trimaranError("BATCH_QUERY", { name: uri, problem: engineProblem(cause) }, { cause });
    }
  },
};
