// A table or a query of an SQLite file: one pass in one transaction. SQLite's columns have no type that holds: what a column becomes is
// decided by its values, and of texts by the type that it was declared with.
import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { finished } from "node:stream/promises";
import { isTrimaranError, trimaranError } from "../../../base/errors.ts";
import { type QuotedColumn, quotedCsvToParquet, quotedLine } from "../../../tables/quoted-csv.ts";
import { sqlName } from "../../../tables/sql-engine.ts";
import type { InputSource } from "../ports.ts";
import { writeProblem } from "../write-problem.ts";
import { databaseFile, databaseUrl, fileName, wantedName, wantedUri } from "./database-url.ts";
import { databaseModified } from "./duckdb-source.ts";

export async function openSqliteSource(url: string): Promise<InputSource> {
  const { database, wanted } = databaseUrl(url, "read");
  const file = databaseFile(database);
  const uri = wantedUri(`sqlite:///${file}`, wanted);
  const sql =
    wanted.kind === "query" ? wanted.sql : `SELECT * FROM ${wanted.names.map((name) => sqlName(name)).join(".")}`;
  return {
    async list(signal) {
      signal.throwIfAborted();
      const modified = await databaseModified(file);
      await reading({ file, uri, sql }, async () => {});
      return [{ uri, name: wantedName(wanted), size: 0, modified, format: "parquet" }];
    },
    async fetch(_, folder, signal) {
      await mkdir(folder, { recursive: true });
      const path = join(folder, `${fileName(uri)}.parquet`);
      await reading({ file, uri, sql }, (statement) => writeRows(statement, { path, folder, uri, signal }));
      return path;
    },
    // One statement reads one state of the file.
    async assertSame() {},
    async [Symbol.asyncDispose]() {},
  };
}

interface Reading {
  readonly file: string;
  readonly uri: string;
  readonly sql: string;
}

/** @throws BATCH_QUERY, STORE_FILE, STORE_LOCKED, FILE_NOT_FOUND */
async function reading({ file, uri, sql }: Reading, work: (statement: StatementSync) => Promise<void>): Promise<void> {
  await databaseModified(file);
  const { DatabaseSync: Database } = await import("node:sqlite");
  let database: DatabaseSync | null = null;
  try {
    database = new Database(file, { readOnly: true, timeout: 5000 });
    database.exec("SELECT 1 FROM sqlite_master LIMIT 1");
    const statement = database.prepare(sql);
    statement.setReadBigInts(true);
    const names = statement.columns().map(({ name }) => name);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined)
      throw trimaranError("BATCH_QUERY", { name: uri, problem: `two columns are called ${twice}` });
    if (names.length === 0) throw trimaranError("BATCH_QUERY", { name: uri, problem: "it gives no rows" });
    await work(statement);
  } catch (cause) {
    throw sqliteProblem({ file, uri }, cause);
  } finally {
    database?.close();
  }
}

/** Messages of SQLite about SQL hold names, never values. */
export function sqliteProblem({ file, uri }: { readonly file: string; readonly uri: string }, cause: unknown): unknown {
  if (isTrimaranError(cause) || !(cause instanceof Error)) return cause;
  const { errcode } = cause as { readonly errcode?: number };
  switch ((errcode ?? 0) & 0xff) {
    case 0:
      return cause;
    case 1:
      return trimaranError("BATCH_QUERY", { name: uri, problem: cause.message }, { cause });
    case 5:
    case 6:
      return trimaranError("STORE_LOCKED", { store: file, seconds: 20 }, { cause });
    case 8:
      return trimaranError("STORE_READ_ONLY", { store: file }, { cause });
    case 13:
      return trimaranError("BATCH_SPACE", { name: uri }, { cause });
    case 19:
    case 20:
      return trimaranError("BATCH_QUERY", { name: uri, problem: "rows break a rule of the table" }, { cause });
    case 14:
    case 26:
      return trimaranError("STORE_FILE", { store: file }, { cause });
    default:
      return trimaranError("STORE_FAILED", { store: file }, { cause });
  }
}

interface Writing {
  readonly path: string;
  readonly folder: string;
  readonly uri: string;
  readonly signal: AbortSignal;
}

interface Kinds {
  whole: boolean;
  real: boolean;
  text: boolean;
  /** A whole number other than 0 and 1. */
  number: boolean;
}

async function writeRows(statement: StatementSync, { path, folder, uri, signal }: Writing): Promise<void> {
  const columns = statement.columns();
  const kinds = columns.map((): Kinds => ({ whole: false, real: false, text: false, number: false }));
  const csv = `${path}.csv`;
  const file = createWriteStream(csv);
  const ended = finished(file);
  ended.catch(() => {});
  try {
    let lines = "";
    for (const row of statement.iterate()) {
      lines += quotedLine(columns.map(({ name }, at) => cellText(row[name], { name, kinds: kinds[at]!, uri })));
      if (lines.length < 1 << 18) continue;
      signal.throwIfAborted();
      const piece = lines;
      lines = "";
      await new Promise<void>((done, fail) => file.write(piece, (error) => (error ? fail(error) : done())));
    }
    file.end(lines);
    await ended;
    const typed = (isHopeful: boolean): QuotedColumn[] =>
      columns.map(({ name, type }, at) => ({ name, type: typeOf(type ?? "", kinds[at]!, isHopeful) }));
    const source = { path: csv, name: uri };
    const options = { folder, signal };
    // Texts in a column of times may be none.
    await quotedCsvToParquet({ ...source, columns: typed(true) }, path, options).catch((cause: unknown) => {
      signal.throwIfAborted();
      if (!isTrimaranError(cause) || cause.code !== "TABLE_READ") throw cause;
      return quotedCsvToParquet({ ...source, columns: typed(false) }, path, options);
    });
  } catch (cause) {
    throw writeProblem(uri, cause);
  } finally {
    file.destroy();
    await rm(csv, { force: true });
  }
}

interface Cell {
  readonly name: string;
  readonly kinds: Kinds;
  readonly uri: string;
}

function cellText(value: unknown, { name, kinds, uri }: Cell): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") {
    kinds.whole = true;
    if (value !== 0n && value !== 1n) kinds.number = true;
    return value.toString();
  }
  if (typeof value === "number") {
    kinds.real = true;
    return Number.isFinite(value) ? String(value) : value > 0 ? "inf" : "-inf";
  }
  if (typeof value === "string") {
    kinds.text = true;
    return value;
  }
  throw trimaranError("BATCH_QUERY", { name: uri, problem: `the column ${name} holds bytes; leave it out by query=` });
}

/** Of a column without values the declared type decides, by SQLite's own rule of affinity. */
function typeOf(declared: string, { whole, real, text, number }: Kinds, isHopeful: boolean): string {
  if (text) {
    if (!isHopeful || whole || real) return "VARCHAR";
    if (/^DATE$/i.test(declared)) return "DATE";
    return /^(TIMESTAMP|DATETIME)/i.test(declared) ? "TIMESTAMP" : "VARCHAR";
  }
  if (real) return "DOUBLE";
  if (whole) return /^BOOL/i.test(declared) && !number ? "BOOLEAN" : "BIGINT";
  if (/INT/i.test(declared)) return "BIGINT";
  return /REAL|FLOA|DOUB/i.test(declared) ? "DOUBLE" : "VARCHAR";
}
