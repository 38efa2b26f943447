// SQLite by node:sqlite: one connection that writes, one that reads, prepared statements kept, WAL so that readers never wait.
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { setTimeout as sleep, setImmediate as turnOfOthers } from "node:timers/promises";
import { isTrimaranError, type TrimaranError, trimaranError } from "../../base/errors.ts";
import type { Database, Dialect, SqlRow, SqlValue, Statements } from "./database.ts";
import { GroupCommit, type GroupWriter } from "./group-commit.ts";
import { type LinearPattern, linearPattern } from "./linear-pattern.ts";

export interface SqliteOptions {
  /** A file that nobody may write through this connection. @default false */
  readonly readOnly?: boolean;
  /** No byte of the file changes by opening it: else it is put into WAL mode, which stays. @default false */
  readonly untouched?: boolean;
  /** How long a write waits for another process, in milliseconds. @default 20000 */
  readonly lockTimeoutMs?: number;
}

const sqliteDialect: Dialect = {
  name: "sqlite",
  // The connection has `case_sensitive_like` on, as MLflow's has.
  like: (column) => `${column} LIKE ?`,
  ilike: (column) => `lower(${column}) LIKE lower(?)`,
  rlike: (column) => `linear_match(?, ${column})`,
  pattern: (source) => source,
};

/** @throws STORE_FILE when it is no database, STORE_LOCKED */
export async function openSqlite(file: string, options: SqliteOptions = {}): Promise<Database> {
  const { readOnly = false, untouched = false, lockTimeoutMs = 20_000 } = options;
  const connections: DatabaseSync[] = [];
  try {
    const writer = readOnly ? null : await patiently(file, lockTimeoutMs, () => connection(file, false));
    if (writer !== null) {
      connections.push(writer);
      const mode = untouched ? "" : "PRAGMA journal_mode = WAL; ";
      await patiently(file, lockTimeoutMs, () => writer.exec(`${mode}PRAGMA synchronous = NORMAL`));
    }
    const reader = await patiently(file, lockTimeoutMs, () => connection(file, true));
    connections.push(reader);
    await patiently(file, lockTimeoutMs, () => reader.exec("SELECT 1 FROM sqlite_master LIMIT 1"));
    return new SqliteDatabase({ file, writer, reader, lockTimeoutMs });
  } catch (error) {
    for (const each of connections) each.close();
    throw storeError(file, error);
  }
}

function connection(file: string, readOnly: boolean): DatabaseSync {
  const opened = new DatabaseSync(file, { readOnly, timeout: 20, enableForeignKeyConstraints: true });
  try {
    opened.function("linear_match", { deterministic: true }, linearMatch);
    opened.exec("PRAGMA case_sensitive_like = true; PRAGMA cache_size = -32000");
  } catch (error) {
    opened.close();
    throw error;
  }
  return opened;
}

let lastPattern: { readonly source: string; readonly pattern: LinearPattern | null } | null = null;

/** The pattern is the same for all rows of a query. */
function linearMatch(source: unknown, text: unknown): number {
  const wanted = String(source);
  if (lastPattern?.source !== wanted) lastPattern = { source: wanted, pattern: linearPattern(wanted) };
  return typeof text === "string" && lastPattern.pattern?.test(text) === true ? 1 : 0;
}

interface Parts {
  readonly file: string;
  readonly writer: DatabaseSync | null;
  readonly reader: DatabaseSync;
  readonly lockTimeoutMs: number;
}

class SqliteDatabase implements Database {
  readonly dialect: Dialect = sqliteDialect;
  readonly lock = "";
  readonly name: string;
  readonly isReadOnly: boolean;
  readonly #parts: Parts;
  readonly #reads: Connection;
  readonly #writes: GroupCommit<Statements> | null;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.name = parts.file;
    this.isReadOnly = parts.writer === null;
    this.#reads = new Connection(parts.reader, parts);
    this.#writes = parts.writer === null ? null : new GroupCommit(writerOf(new Connection(parts.writer, parts)));
  }

  query(sql: string, parameters?: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.#reads.query(sql, parameters);
  }

  run(sql: string, parameters?: readonly SqlValue[]): Promise<number> {
    return this.transaction((statements) => statements.run(sql, parameters));
  }

  insertMany(sql: string, rows: readonly (readonly SqlValue[])[]): Promise<number> {
    return this.transaction((statements) => statements.insertMany(sql, rows));
  }

  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    const writes = this.#writes;
    if (writes === null) return Promise.reject(trimaranError("STORE_READ_ONLY", { store: this.#parts.file }));
    return writes.run(work);
  }

  async close(): Promise<void> {
    await this.#writes?.idle();
    this.#parts.reader.close();
    this.#parts.writer?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function writerOf(connection: Connection): GroupWriter<Statements> {
  return {
    statements: connection,
    // IMMEDIATE: a transaction that reads first and writes then would fail when another process wrote between.
    begin: async () => void (await connection.run("BEGIN IMMEDIATE")),
    commit: async () => void (await connection.run("COMMIT")),
    rollback: () => connection.rollback(),
    writes: () => connection.writes,
    isOpen: () => connection.isInTransaction,
  };
}

const maxStatements = 500;
/** A few milliseconds; then whatever else waits has its turn. */
const rowsAtOnce = 500;

class Connection implements Statements {
  readonly dialect: Dialect = sqliteDialect;
  readonly lock = "";
  readonly #database: DatabaseSync;
  readonly #parts: Parts;
  readonly #statements = new Map<string, Prepared>();
  /** Statements that write, as far as they were begun. */
  writes = 0;

  constructor(database: DatabaseSync, parts: Parts) {
    this.#database = database;
    this.#parts = parts;
  }

  query(sql: string, parameters: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    // An INSERT may give rows, too.
    if (!sql.startsWith("SELECT")) this.writes++;
    return this.#patiently(() => rowsOf(this.#prepare(sql), parameters));
  }

  get isInTransaction(): boolean {
    return this.#database.isOpen && this.#database.isTransaction;
  }

  run(sql: string, parameters: readonly SqlValue[] = []): Promise<number> {
    this.writes++;
    return this.#patiently(() => Number(this.#prepare(sql).statement.run(...parameters).changes));
  }

  async insertMany(sql: string, rows: readonly (readonly SqlValue[])[]): Promise<number> {
    let changed = 0;
    if (rows.length > 0) this.writes++;
    for (let at = 0; at < rows.length; at += rowsAtOnce) {
      const some = rows.slice(at, at + rowsAtOnce);
      changed += await this.#patiently(() => {
        const { statement } = this.#prepare(sql);
        return some.reduce((sum, row) => sum + Number(statement.run(...row).changes), 0);
      });
      if (at + rowsAtOnce < rows.length) await turnOfOthers();
    }
    return changed;
  }

  rollback(): void {
    if (this.isInTransaction) this.#database.exec("ROLLBACK");
  }

  async #patiently<T>(act: () => T): Promise<T> {
    const { file, lockTimeoutMs } = this.#parts;
    try {
      return await patiently(file, lockTimeoutMs, act);
    } catch (error) {
      throw storeError(file, error);
    }
  }

  #prepare(sql: string): Prepared {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= maxStatements) {
      const oldest = this.#statements.keys().next().value;
      if (oldest !== undefined) this.#statements.delete(oldest);
    }
    const statement = this.#database.prepare(sql);
    // Half of the time that rows take as objects.
    statement.setReturnArrays(true);
    const made = { statement, names: statement.columns().map(({ name }) => name) };
    this.#statements.set(sql, made);
    return made;
  }
}

interface Prepared {
  readonly statement: StatementSync;
  /** Of the columns; `*` may have got another one since. */
  names: readonly string[];
}

function rowsOf(prepared: Prepared, parameters: readonly SqlValue[]): readonly SqlRow[] {
  const { statement } = prepared;
  let rows: readonly (readonly unknown[])[];
  try {
    rows = statement.all(...parameters) as unknown as typeof rows;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // An integer beyond 2^53, which somebody else wrote: as near as a number comes.
    statement.setReadBigInts(true);
    try {
      rows = statement.all(...parameters) as unknown as typeof rows;
    } finally {
      statement.setReadBigInts(false);
    }
    rows = rows.map((row) => row.map((value) => (typeof value === "bigint" ? Number(value) : value)));
  }
  if (rows[0] !== undefined && rows[0].length !== prepared.names.length) {
    prepared.names = statement.columns().map(({ name }) => name);
  }
  const { names } = prepared;
  return rows.map((row) => {
    const made: Record<string, SqlValue> = {};
    for (let at = 0; at < names.length; at++) made[names[at] as string] = row[at] as SqlValue;
    return made;
  });
}

/** SQLite's own waiting would stop everything else in this process, so it is short and we wait between. */
async function patiently<T>(file: string, timeoutMs: number, act: () => T): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
    try {
      return act();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() >= end)
        throw trimaranError("STORE_LOCKED", { store: file, seconds: timeoutMs / 1000 }, { cause: error });
    }
    await sleep(pause);
  }
}

function resultCode(error: unknown): number {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode & 0xff : 0;
}

function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === 5 || code === 6;
}

/** `table spans`, when that is what the statement lacks. */
function missingPart(message: string): string | null {
  const found =
    /^no such (table|column): (?:\w+\.)?(\w+)$/.exec(message) ??
    /^table (\w+) has no (column) named (\w+)$/.exec(message);
  if (found === null) return null;
  return found[2] === "column" ? `column ${found[1]}.${found[3]}` : `${found[1]} ${found[2]}`;
}

function storeError(file: string, cause: unknown): TrimaranError {
  if (isTrimaranError(cause)) return cause;
  switch (resultCode(cause)) {
    case 8:
      return trimaranError("STORE_READ_ONLY", { store: file }, { cause });
    case 10:
    case 13:
      return trimaranError("STORE_FULL", { store: file }, { cause });
    case 11:
    case 14:
    case 26:
      return trimaranError("STORE_FILE", { store: file }, { cause });
    case 19:
      return trimaranError("STORE_CONFLICT", { store: file }, { cause });
  }
  const what = cause instanceof Error ? missingPart(cause.message) : null;
  if (what !== null) return trimaranError("STORE_TABLE", { store: file, what }, { cause });
  return trimaranError("STORE_FAILED", { store: file }, { cause });
}
