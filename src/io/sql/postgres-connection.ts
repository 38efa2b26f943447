// How a PostgreSQL server is reached: host or Unix socket, TLS as `sslmode` says, and how its values are read.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { ConnectionOptions } from "node:tls";
import type { ClientConfig, Pool } from "pg";
import { trimaranError } from "../../base/errors.ts";
import { isComingUp, postgresError } from "./postgres-errors.ts";
import type { PostgresPlace, SslMode } from "./postgres-url.ts";

export interface PostgresConnection {
  /** `host:port/database`. */
  readonly name: string;
  readonly makePool: (size: number) => Pool;
}

type Ssl = false | ConnectionOptions;

const usualSockets: readonly string[] = ["/var/run/postgresql", "/tmp"];
const usualPort = 5432;

/** Connects once, so that what is wrong is told now. @throws STORE_UNREACHABLE, STORE_REFUSED, STORE_MISSING, STORE_BUSY */
export async function postgresConnection(place: PostgresPlace): Promise<PostgresConnection> {
  const { default: pg } = await import("pg");
  const env = process.env;
  const port = place.port ?? (Number(env["PGPORT"]) || usualPort);
  const socket = usualSockets.find((folder) => existsSync(`${folder}/.s.PGSQL.${port}`));
  const host = place.host ?? env["PGHOST"] ?? socket ?? "localhost";
  const database = place.database ?? env["PGDATABASE"] ?? place.user ?? env["PGUSER"] ?? env["USER"] ?? "postgres";
  const name = host.startsWith("/")
    ? `${host}:${port}/${database}`
    : `${host.includes(":") ? `[${host}]` : host}:${port}/${database}`;
  const config = (ssl: Ssl): ClientConfig => ({
    host,
    port,
    database,
    user: place.user,
    password: place.password,
    ssl,
    connectionTimeoutMillis: place.connectTimeoutMs,
    application_name: place.applicationName,
    ...(place.options === undefined ? {} : { options: place.options }),
    keepAlive: true,
    types: { getTypeParser: valueReader },
  });
  const attempt = async (ssl: Ssl): Promise<void> => {
    const client = new pg.Client(config(ssl));
    client.on("error", () => {});
    try {
      await client.connect();
    } finally {
      await client.end().catch(() => {});
    }
  };
  try {
    const ssl = host.startsWith("/") ? await firstOf([false], attempt) : await firstOf(await waysOf(place), attempt);
    const makePool = (max: number): Pool => {
      const pool = new pg.Pool({ ...config(ssl), max, idleTimeoutMillis: 60_000 });
      // A connection that breaks while nobody waits for it, in the pool or between two statements: whoever uses it next is told.
      pool.on("error", () => {});
      pool.on("connect", (client) => client.on("error", () => {}));
      return pool;
    };
    return { name, makePool };
  } catch (error) {
    throw postgresError(name, error, 0);
  }
}

const patienceMs = 10_000;

/** The first way that works, or the last one's error. A server that starts is waited for. */
async function firstOf(ways: readonly Ssl[], attempt: (ssl: Ssl) => Promise<void>): Promise<Ssl> {
  const end = performance.now() + patienceMs;
  for (let index = 0; ; ) {
    const ssl = ways[index] ?? false;
    try {
      await attempt(ssl);
      return ssl;
    } catch (error) {
      if (isComingUp(error) && performance.now() < end) await sleep(250);
      else if (index + 1 < ways.length && isWayOf(error)) index++;
      else throw error;
    }
  }
}

/** Another way helps when this one was refused, not when nobody is there or the password is wrong. */
function isWayOf(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return (
    error.message.includes("does not support SSL") ||
    code === "28000" ||
    code.startsWith("ERR_SSL") ||
    code === "ECONNRESET"
  );
}

/** TLS or not, in the order of libpq. */
async function waysOf({ sslMode, sslRootCert, sslCert, sslKey }: PostgresPlace): Promise<readonly Ssl[]> {
  if (sslMode === "disable") return [false];
  const ca = sslRootCert === undefined || sslRootCert === "system" ? undefined : await certificate(sslRootCert);
  const tls: ConnectionOptions = {
    ...(ca === undefined ? {} : { ca }),
    ...(sslCert === undefined ? {} : { cert: await certificate(sslCert) }),
    ...(sslKey === undefined ? {} : { key: await certificate(sslKey) }),
    ...checksOf(sslMode, ca !== undefined),
  };
  switch (sslMode) {
    case "allow":
      return [false, tls];
    case "prefer":
      return [tls, false];
    case "require":
    case "verify-ca":
    case "verify-full":
      return [tls];
  }
}

/** `require` with a root certificate is `verify-ca`, as in libpq. */
function checksOf(mode: SslMode, hasRoot: boolean): ConnectionOptions {
  if (mode === "verify-full") return { rejectUnauthorized: true };
  const isChecked = mode === "verify-ca" || (mode === "require" && hasRoot);
  return isChecked ? { rejectUnauthorized: true, checkServerIdentity: () => undefined } : { rejectUnauthorized: false };
}

async function certificate(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw trimaranError("STORE_URI", { problem: `the certificate or key ${file} cannot be read` }, { cause: error });
  }
}

const numberTypes: ReadonlySet<number> = new Set([20, 21, 23, 700, 701, 1700]);
const boolType = 16;

/** Numbers as numbers, truth values as 0 and 1, everything else as its text. */
function valueReader(type: number): (text: string) => string | number {
  if (numberTypes.has(type)) return Number;
  if (type === boolType) return (text) => (text === "t" ? 1 : 0);
  return (text) => text;
}
