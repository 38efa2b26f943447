// One connection to PostgreSQL whose values are texts that do not depend on the session's settings: for rows in bulk.
import type { PoolClient } from "pg";
import type { TrimaranError } from "../../base/errors.ts";
import { postgresConnection } from "./postgres-connection.ts";
import { isBroken, postgresError } from "./postgres-errors.ts";
import type { PostgresPlace } from "./postgres-url.ts";

const settings =
  "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601'; SET bytea_output = 'hex'; " +
  "SET extra_float_digits = 3; SET synchronize_seqscans = off; SET client_encoding = 'UTF8'; SET idle_in_transaction_session_timeout = 0";

export class PostgresSession implements AsyncDisposable {
  /** `host:port/database`. */
  readonly name: string;
  readonly client: PoolClient;
  readonly #close: () => Promise<void>;
  isBroken = false;

  private constructor(name: string, client: PoolClient, close: () => Promise<void>) {
    this.name = name;
    this.client = client;
    this.#close = close;
    client.on("error", () => {
      this.isBroken = true;
    });
  }

  /** @throws STORE_UNREACHABLE, STORE_REFUSED, STORE_MISSING, STORE_BUSY, STORE_URI */
  static async open(place: PostgresPlace): Promise<PostgresSession> {
    const { name, makePool } = await postgresConnection(place);
    const pool = makePool(1);
    try {
      const client = await pool.connect();
      let isClosed = false;
      const session = new PostgresSession(name, client, async () => {
        if (isClosed) return;
        isClosed = true;
        client.release(true);
        await pool.end();
      });
      await client.query(settings);
      return session;
    } catch (cause) {
      await pool.end().catch(() => {});
      throw postgresError(name, cause, 0);
    }
  }

  async query(
    sql: string,
    values: readonly (string | number | null)[] = [],
  ): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.asked(() => this.client.query<Record<string, unknown>>(sql, [...values]))).rows;
  }

  /** Faults as ours; the cause is kept. @throws STORE_* */
  async asked<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (cause) {
      if (isBroken(cause)) this.isBroken = true;
      throw this.told(cause);
    }
  }

  told(cause: unknown): TrimaranError {
    return postgresError(this.name, cause, 20);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}
