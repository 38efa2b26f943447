// DuckDB in this process, locked up: it reads the files that it was told, writes where it was told, loads nothing and asks no network. It is
// loaded when a table is first read.
import { join } from "node:path";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { trimaranError } from "../base/errors.ts";

export interface SqlEngine extends AsyncDisposable {
  readonly connection: DuckDBConnection;
  /** Another one to the same tables; closed with the engine. */
  connect(): Promise<DuckDBConnection>;
}

export interface SqlEngineOptions {
  /** Below it files may be read and written, and what does not fit into memory is kept there. @default nothing is written */
  readonly folder?: string;
  /** @default one a core */
  readonly threads?: number;
  /** Of its tables and sorts, in bytes; the process takes more. @default DuckDB's: 80 % of the machine's */
  readonly memoryBytes?: number;
}

/** @throws TABLE_ENGINE */
export async function openSqlEngine(files: readonly string[], options: SqlEngineOptions = {}): Promise<SqlEngine> {
  const { folder, threads, memoryBytes } = options;
  const { DuckDBInstance: Instance } = await import("@duckdb/node-api").catch((cause: unknown) => {
    throw trimaranError("TABLE_ENGINE", {}, { cause });
  });
  const instance: DuckDBInstance = await Instance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    ...(threads === undefined ? {} : { threads: String(threads) }),
    ...(memoryBytes === undefined ? {} : { memory_limit: `${Math.floor(memoryBytes / 1024)}KiB` }),
    ...(folder === undefined ? {} : { temp_directory: join(folder, "spill") }),
  });
  const connection = await instance.connect();
  // SQL of a definition may be somebody else's.
  const settings = [
    // What has no zone must not take the machine's.
    "TimeZone = 'UTC'",
    // Nothing is read twice, and the system caches files anyway.
    "enable_external_file_cache = false",
    `allowed_paths = [${files.map(sqlText).join(", ")}]`,
    ...(folder === undefined ? [] : [`allowed_directories = [${sqlText(folder)}]`]),
    "enable_external_access = false",
    "lock_configuration = true",
  ];
  await connection.run(settings.map((setting) => `SET ${setting}`).join("; "));
  const others: DuckDBConnection[] = [];
  return {
    connection,
    async connect() {
      const other = await instance.connect();
      others.push(other);
      return other;
    },
    async [Symbol.asyncDispose]() {
      for (const each of [...others, connection]) each.closeSync();
      instance.closeSync();
    },
  };
}

/** DuckDB's: `v1.5.6`. @throws TABLE_ENGINE */
export async function sqlEngineVersion(): Promise<string> {
  const { version } = await import("@duckdb/node-api").catch((cause: unknown) => {
    throw trimaranError("TABLE_ENGINE", {}, { cause });
  });
  return version();
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
