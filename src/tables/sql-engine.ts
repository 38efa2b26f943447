// DuckDB in this process, locked up: it reads the files that it was told, writes nothing, loads nothing and asks no network. It is
// loaded when a table is first read.
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { trimaranError } from "../base/errors.ts";

export interface SqlEngine extends AsyncDisposable {
  readonly connection: DuckDBConnection;
}

/** @throws TABLE_ENGINE */
export async function openSqlEngine(files: readonly string[]): Promise<SqlEngine> {
  const { DuckDBInstance: Instance } = await import("@duckdb/node-api").catch((cause: unknown) => {
    throw trimaranError("TABLE_ENGINE", {}, { cause });
  });
  const instance: DuckDBInstance = await Instance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  // SQL of a definition may be somebody else's.
  for (const setting of [
    `allowed_paths = [${files.map(sqlText).join(", ")}]`,
    "enable_external_access = false",
    "lock_configuration = true",
  ]) {
    await connection.run(`SET ${setting}`);
  }
  return {
    connection,
    async [Symbol.asyncDispose]() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** What DuckDB found wrong, without a value of any row: its sentence where it speaks of SQL and names, else its kind. */
export function engineProblem(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : "";
  const [, kind = "", said = ""] = /^(\w[\w ]*) Error: ([^\n]*)/.exec(message) ?? [];
  if (/^(Parser|Binder|Catalog)$/.test(kind)) return said.replace(/[.!]+$/, "");
  if (/No magic bytes|too small to be a Parquet/i.test(said)) return "it is no Parquet file";
  if (kind === "IO" || kind === "Permission") return "a file cannot be read";
  const line = /in line (\d+)/.exec(said)?.[1];
  if (/Malformed JSON/i.test(said)) return `it is not JSON${line === undefined ? "" : ` in line ${line}`}`;
  if (/sniffing file/i.test(said)) return "its rows do not fit one another, or a quote is never closed";
  return kind === "" ? "it fails" : `a value of some row does not fit (${kind})`;
}
