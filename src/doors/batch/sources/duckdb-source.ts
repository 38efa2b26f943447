// A table or a query of a DuckDB file: read by the DuckDB of this process, into a Parquet file.
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isTrimaranError, trimaranError } from "../../../base/errors.ts";
import { engineProblem, openSqlEngine, type SqlEngine, sqlName, sqlText } from "../../../tables/sql-engine.ts";
import { describe } from "../../../tables/sql-source.ts";
import type { InputSource } from "../ports.ts";
import { writeProblem } from "../write-problem.ts";
import { databaseFile, databaseUrl, fileName, wantedName, wantedUri } from "./database-url.ts";

export async function openDuckDBSource(url: string): Promise<InputSource> {
  const { database, wanted } = databaseUrl(url, "read");
  const file = databaseFile(database);
  const uri = wantedUri(`duckdb:///${file}`, wanted);
  const from =
    wanted.kind === "query" ? `(${wanted.sql}\n)` : ["db", ...wanted.names].map((name) => sqlName(name)).join(".");
  // Unqualified names of a query are those of the file.
  const attached = async (folder: string | undefined): Promise<SqlEngine> => {
    await databaseModified(file);
    const options = folder === undefined ? {} : { folder };
    const engine = await openSqlEngine([file, `${file}.wal`], { ...options, threads: 1, memoryBytes: 256 * 2 ** 20 });
    try {
      await engine.connection.run(`ATTACH ${sqlText(file)} AS db (READ_ONLY)`);
      await engine.connection.run("USE db");
      return engine;
    } catch (cause) {
      await engine[Symbol.asyncDispose]();
      throw attachProblem(file, cause);
    }
  };
  const wrong = (cause: unknown): ReturnType<typeof trimaranError> =>
    trimaranError("BATCH_QUERY", { name: uri, problem: engineProblem(cause) }, { cause });
  return {
    async list(signal) {
      signal.throwIfAborted();
      await using engine = await attached(undefined);
      await describe(engine, from, wrong);
      return [{ uri, name: wantedName(wanted), size: 0, modified: await databaseModified(file), format: "parquet" }];
    },
    async fetch(_, folder, signal) {
      await mkdir(folder, { recursive: true });
      const path = join(folder, `${fileName(uri)}.parquet`);
      await using engine = await attached(folder);
      const stop = (): void => engine.connection.interrupt();
      signal.addEventListener("abort", stop, { once: true });
      try {
        await engine.connection.run(`COPY (SELECT * FROM ${from}) TO ${sqlText(path)} (FORMAT parquet)`);
      } catch (cause) {
        signal.throwIfAborted();
        const told = writeProblem(uri, cause);
        throw isTrimaranError(told) ? told : wrong(cause);
      } finally {
        signal.removeEventListener("abort", stop);
      }
      return path;
    },
    // One statement reads one state of the file, and nobody writes to it meanwhile.
    async assertSame() {},
    async [Symbol.asyncDispose]() {},
  };
}

/** Of the file or its log, whichever is the later. @throws FILE_NOT_FOUND, FILE_NOT_READABLE */
export async function databaseModified(file: string): Promise<string> {
  const info = await stat(file).catch((cause: unknown) => {
    const { code = "it cannot be opened" } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") throw trimaranError("FILE_NOT_FOUND", { path: file }, { cause });
    throw trimaranError("FILE_NOT_READABLE", { path: file, problem: code }, { cause });
  });
  const logs = await Promise.all([`${file}-wal`, `${file}.wal`].map((log) => stat(log).catch(() => null)));
  const times = [info, ...logs].map((each) => each?.mtimeMs ?? 0);
  return new Date(Math.max(...times)).toISOString();
}

/** A file that another process writes to is free later. */
export function attachProblem(file: string, cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : "";
  if (/lock|already (?:attached|open)|being used|in use/i.test(message)) {
    return trimaranError("STORE_BUSY", { store: file, problem: "another process has it open" }, { cause });
  }
  return trimaranError(
    "BATCH_QUERY",
    { name: file, problem: "it is no DuckDB file, or one of another version" },
    { cause },
  );
}
