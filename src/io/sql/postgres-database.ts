// PostgreSQL by pg: one pool that reads, one for transactions, so that neither waits for the other. Statements are prepared once a
// connection. What another transaction was in the way of is run again, and so is what a broken connection left undone.
import { setTimeout as sleep } from "node:timers/promises";
import type { Client, Pool, PoolClient } from "pg";
import { trimaranError } from "../../base/errors.ts";
import type { Database, Dialect, SqlRow, SqlValue, Statements } from "./database.ts";
import { numbered } from "./numbered-parameters.ts";
import { type PostgresConnection, postgresConnection } from "./postgres-connection.ts";
import { attemptsFor, isBroken, postgresError } from "./postgres-errors.ts";
import type { PostgresPlace } from "./postgres-url.ts";

export interface PostgresOptions {
  /** Nothing is written through it. @default false */
  readonly readOnly?: boolean;
  /** How long a row of another transaction is waited for, in milliseconds. @default 20000 */
  readonly lockTimeoutMs?: number;
}

const readConnections = 4;
const writeConnections = 8;

const postgresDialect: Dialect = {
  name: "postgresql",
  like: (column) => `${column} LIKE ?`,
  ilike: (column) => `${column} ILIKE ?`,
  rlike: (column) => `${column} ~ ?`,
  pattern: (source) =>
    source.replace(/\\(.)|\(\?P?<\w+>|\{,(?=\d)/gsu, (all, escaped: string | undefined) => {
      if (escaped === undefined) return all === "{," ? "{0," : "(";
      return { b: "\\y", B: "\\Y" }[escaped] ?? all;
    }),
};

/** @throws STORE_UNREACHABLE, STORE_REFUSED, STORE_MISSING, STORE_BUSY */
export async function openPostgres(place: PostgresPlace, options: PostgresOptions = {}): Promise<Database> {
  const { readOnly = false, lockTimeoutMs = 20_000 } = options;
  const connection = await postgresConnection(place);
  return new PostgresDatabase(connection, { readOnly, lockTimeoutMs });
}

class PostgresDatabase implements Database {
  readonly dialect: Dialect = postgresDialect;
  readonly lock = "";
  readonly name: string;
  readonly isReadOnly: boolean;
  readonly #reads: Lane;
  readonly #writes: Lane;
  readonly #lockTimeoutMs: number;
  readonly #names = new StatementNames();

  constructor({ name, makePool }: PostgresConnection, { readOnly, lockTimeoutMs }: Required<PostgresOptions>) {
    this.name = name;
    this.isReadOnly = readOnly;
    this.#lockTimeoutMs = lockTimeoutMs;
    this.#reads = new Lane(makePool(readConnections), readConnections);
    this.#writes = new Lane(makePool(writeConnections), writeConnections);
  }

  async query(sql: string, parameters: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#reads.use((client) => this.#names.query(client, sql, parameters));
      } catch (error) {
        // Every idle connection broke when the server was started anew.
        if (!isBroken(error) || attempt > readConnections) throw this.#told(error);
        await sleep(attempt * 20);
      }
    }
  }

  run(sql: string, parameters?: readonly SqlValue[]): Promise<number> {
    return this.transaction((statements) => statements.run(sql, parameters));
  }

  insertMany(sql: string, rows: readonly (readonly SqlValue[])[]): Promise<number> {
    return this.transaction((statements) => statements.insertMany(sql, rows));
  }

  async transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    if (this.isReadOnly) throw trimaranError("STORE_READ_ONLY", { store: this.name });
    for (let attempt = 1; ; attempt++) {
      const open = new Transaction(this.#names, (error) => this.#told(error));
      try {
        return await this.#writes.use((client) => this.#transact(client, open, work));
      } catch (error) {
        // What the work itself throws stays as it is, and is no reason to run it again unless a statement failed before.
        const isOfWork = error === open.thrown;
        if (isOfWork && open.failure === null) throw error;
        const reason = open.failure ?? error;
        const attempts = open.isCommitting && isBroken(reason) ? 1 : attemptsFor(reason);
        if (attempt >= attempts) throw isOfWork ? error : this.#told(error);
        await sleep(Math.random() * Math.min(10 * 2 ** attempt, 500));
      }
    }
  }

  async #transact<T>(client: PoolClient, open: Transaction, work: (statements: Statements) => Promise<T>): Promise<T> {
    // In one message: what a session or a server has as its default does not matter here.
    await client.query(
      `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = ${this.#lockTimeoutMs}`,
    );
    try {
      open.client = client;
      const result = await work(open).catch((error: unknown) => {
        open.thrown = error;
        throw error;
      });
      // COMMIT of a transaction that failed rolls back, and says so in no error.
      if (open.failure !== null) throw open.failure;
      open.isCommitting = true;
      await client.query("COMMIT");
      return result;
    } catch (error) {
      if (!isBroken(open.failure ?? error)) await client.query("ROLLBACK").catch(() => {});
      throw error;
    } finally {
      open.client = null;
    }
  }

  #told(error: unknown): unknown {
    return postgresError(this.name, error, this.#lockTimeoutMs);
  }

  async close(): Promise<void> {
    await Promise.all([this.#reads.close(), this.#writes.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

class Transaction implements Statements {
  readonly dialect: Dialect = postgresDialect;
  // Rows that refer to it can still be written by others.
  readonly lock = " FOR NO KEY UPDATE";
  readonly #names: StatementNames;
  readonly #told: (error: unknown) => unknown;
  client: PoolClient | null = null;
  /** The first statement that failed: PostgreSQL takes no more after it. */
  failure: unknown = null;
  /** By the work. */
  thrown: unknown = null;
  isCommitting = false;

  constructor(names: StatementNames, told: (error: unknown) => unknown) {
    this.#names = names;
    this.#told = told;
  }

  async query(sql: string, parameters: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    return (await this.#send(sql, parameters)).rows;
  }

  async run(sql: string, parameters: readonly SqlValue[] = []): Promise<number> {
    return (await this.#send(sql, parameters)).changed;
  }

  async insertMany(sql: string, rows: readonly (readonly SqlValue[])[]): Promise<number> {
    let changed = 0;
    for (let at = 0; at < rows.length; at += rowsAtOnce) {
      const some = rows.slice(at, at + rowsAtOnce);
      changed += (await this.#send(forRows(sql, some.length), some.flat())).changed;
    }
    return changed;
  }

  async #send(sql: string, parameters: readonly SqlValue[]): Promise<Result> {
    if (this.client === null) throw new Error("the transaction has ended");
    try {
      return await this.#names.send(this.client, sql, parameters);
    } catch (error) {
      this.failure ??= error;
      throw this.#told(error);
    }
  }
}

/** A message has at most 65,535 parameters. */
const rowsAtOnce = 500;

/** `VALUES (?, ?)` as often as there are rows. */
function forRows(sql: string, count: number): string {
  return sql.replace(/\bVALUES (\([^()]*\))/, (_, row: string) => `VALUES ${Array(count).fill(row).join(", ")}`);
}

interface Result {
  readonly rows: readonly SqlRow[];
  readonly changed: number;
}

const maxNames = 300;

/** Names for statements, so that each connection prepares each once. Those beyond the first few hundred are sent without. */
class StatementNames {
  readonly #names = new Map<string, string>();

  async query(client: Client, sql: string, parameters: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return (await this.send(client, sql, parameters)).rows;
  }

  async send(client: Client, sql: string, parameters: readonly SqlValue[]): Promise<Result> {
    const text = numbered(sql, parameters);
    const name = this.#nameOf(text);
    const { rows, rowCount } = await client.query<Record<string, SqlValue>>({
      ...(name === undefined ? {} : { name }),
      text,
      values: [...parameters],
    });
    return { rows, changed: rowCount ?? 0 };
  }

  #nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size >= maxNames) return known;
    const name = `trimaran_${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }
}

/** A pool, and whoever waits for one of its connections: pg's own queue would count the waiting as time of connecting. */
class Lane {
  readonly #pool: Pool;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(pool: Pool, size: number) {
    this.#pool = pool;
    this.#free = size;
  }

  async use<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((next) => this.#waiting.push(next));
    try {
      const client = await this.#pool.connect();
      try {
        const result = await work(client);
        client.release();
        return result;
      } catch (error) {
        client.release(isBroken(error) || isBroken(error instanceof Error ? error.cause : null));
        throw error;
      }
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
