// A table or a query of PostgreSQL: by COPY, from one snapshot, into a Parquet file with the types of the database.
import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { trimaranError } from "../../../base/errors.ts";
import { copyOut } from "../../../io/sql/postgres-copy.ts";
import { PostgresSession } from "../../../io/sql/postgres-session.ts";
import { parsePostgresUrl } from "../../../io/sql/postgres-url.ts";
import { type QuotedColumn, quotedCsvToParquet } from "../../../tables/quoted-csv.ts";
import { sqlName } from "../../../tables/sql-engine.ts";
import type { InputSource } from "../ports.ts";
import { writeProblem } from "../write-problem.ts";
import { databaseUrl, fileName, type Wanted, wantedName, wantedUri } from "./database-url.ts";
import { columnOf } from "./postgres-types.ts";
import { queryProblem } from "./query-problem.ts";

const attempts = 3;

/** @throws BATCH_URL, STORE_URI */
export async function openPostgresSource(url: string): Promise<InputSource> {
  const { database, wanted } = databaseUrl(url, "read");
  const place = parsePostgresUrl(database);
  let opened: Snapshot | null = null;
  const close = async (): Promise<void> => {
    const old = opened;
    opened = null;
    await old?.session[Symbol.asyncDispose]();
  };
  return {
    async list(signal) {
      signal.throwIfAborted();
      await close();
      opened = await openSnapshot(await PostgresSession.open(place), wanted);
      return [{ uri: opened.uri, name: wantedName(wanted), size: 0, format: "parquet" }];
    },
    async fetch(file, folder, signal) {
      await mkdir(folder, { recursive: true });
      for (let attempt = 1; ; attempt++) {
        try {
          opened ??= await openSnapshot(await PostgresSession.open(place), wanted);
          return await fetchRows(opened, { name: fileName(file.uri), folder, signal });
        } catch (cause) {
          signal.throwIfAborted();
          const isBroken = opened?.session.isBroken === true;
          await close();
          // The snapshot is gone with its connection: all of it again, from another one.
          if (!isBroken || attempt >= attempts) throw cause;
        }
      }
    },
    // What was read is what there was when the snapshot was taken.
    async assertSame() {},
    [Symbol.asyncDispose]: close,
  };
}

interface Snapshot {
  readonly session: PostgresSession;
  readonly uri: string;
  readonly columns: readonly QuotedColumn[];
  /** Gives the rows as texts. */
  readonly sql: string;
}

/** @throws BATCH_QUERY, STORE_* */
async function openSnapshot(session: PostgresSession, wanted: Wanted): Promise<Snapshot> {
  const uri = wantedUri(`postgresql://${session.name}`, wanted);
  try {
    await session.client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const from =
      wanted.kind === "query" ? `(${wanted.sql}\n) AS rows` : wanted.names.map((name) => sqlName(name)).join(".");
    const order = wanted.kind === "query" ? "" : await keyOrder(session, from);
    const { fields } = await session.client.query(`SELECT * FROM ${from} LIMIT 0`);
    const names = fields.map(({ name }) => name);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined)
      throw trimaranError("BATCH_QUERY", { name: uri, problem: `two columns are called ${twice}` });
    if (names.length === 0) throw trimaranError("BATCH_QUERY", { name: uri, problem: "it has no columns" });
    const columns = fields.map(({ name, dataTypeID, dataTypeModifier }) =>
      columnOf(name, dataTypeID, dataTypeModifier),
    );
    const isPlain = columns.every(({ textType }) => textType === undefined);
    const cells = columns.map(({ name, textType }) =>
      textType === undefined ? sqlName(name) : `array_to_json(${sqlName(name)})`,
    );
    // A query is run as it was written: what it is sorted by stays.
    const sql =
      wanted.kind === "query" && isPlain ? `${wanted.sql}\n` : `SELECT ${cells.join(", ")} FROM ${from}${order}`;
    return { session, uri, columns, sql };
  } catch (cause) {
    await session[Symbol.asyncDispose]();
    throw queryProblem(uri, cause) ?? session.told(cause);
  }
}

/** A table has no order of its own; by its primary key every run sees the same. */
async function keyOrder(session: PostgresSession, from: string): Promise<string> {
  const { rows } = await session.client.query<{ name: string }>(
    `SELECT a.attname AS name FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k(number, place), pg_attribute a
     WHERE i.indrelid = $1::regclass AND i.indisprimary AND a.attrelid = i.indrelid AND a.attnum = k.number ORDER BY k.place`,
    [from],
  );
  return rows.length === 0 ? "" : ` ORDER BY ${rows.map(({ name }) => sqlName(name)).join(", ")}`;
}

async function fetchRows(
  { session, uri, columns, sql }: Snapshot,
  { name, folder, signal }: { readonly name: string; readonly folder: string; readonly signal: AbortSignal },
): Promise<string> {
  const csv = join(folder, `${name}.csv`);
  const file = createWriteStream(csv);
  const ended = finished(file);
  ended.catch(() => {});
  const stop = (): void => void session[Symbol.asyncDispose]();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const write = (chunk: Uint8Array): Promise<void> =>
      new Promise((done, fail) => file.write(chunk, (error) => (error ? fail(writeProblem(uri, error)) : done())));
    const copy = `COPY (${sql}) TO STDOUT (FORMAT csv, NULL '\\N', FORCE_QUOTE *)`;
    await session.asked(() =>
      copyOut(session.client, copy, write).catch((cause: unknown) => {
        throw queryProblem(uri, cause) ?? cause;
      }),
    );
    file.end();
    await ended.catch((cause: unknown) => Promise.reject(writeProblem(uri, cause)));
    const path = join(folder, `${name}.parquet`);
    await quotedCsvToParquet({ path: csv, columns, name: uri }, path, { folder, signal });
    return path;
  } finally {
    signal.removeEventListener("abort", stop);
    file.destroy();
    await rm(csv, { force: true });
  }
}
