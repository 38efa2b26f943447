// Output as a table of PostgreSQL. One transaction is the commit: the rows of an earlier run go, those of this one come by COPY, with the
// rejects and the manifest in tables beside it. Readers see the rows of before, or these. A lock of the session keeps two runs apart.
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { trimaranError } from "../../../base/errors.ts";
import { copyIn } from "../../../io/sql/postgres-copy.ts";
import { PostgresSession } from "../../../io/sql/postgres-session.ts";
import { type PostgresPlace as Place, parsePostgresUrl } from "../../../io/sql/postgres-url.ts";
import { parquetToQuotedCsv, quotedLine } from "../../../tables/quoted-csv.ts";
import { sqlName } from "../../../tables/sql-engine.ts";
import { readManifestText } from "../manifest.ts";
import type { Manifest, OutputPlace, PlaceOptions, Publication } from "../ports.ts";
import { type DatabaseUrl, databaseUrl } from "../sources/database-url.ts";
import { postgresType } from "../sources/postgres-types.ts";
import { queryProblem } from "../sources/query-problem.ts";
import { farFolder, type StagedFolder } from "../staged-folder.ts";
import { manifestsTable, outputKey, rejectsTable, type TableColumn, tableColumns, writtenRows } from "./table-rows.ts";

/** @throws BATCH_URL, STORE_* */
export async function openPostgresPlace(url: string, { home }: PlaceOptions): Promise<OutputPlace> {
  const target = databaseUrl(url, "write");
  const place = parsePostgresUrl(target.database);
  const session = await PostgresSession.open(place);
  const { wanted, partition } = target;
  const table = wanted.kind === "table" ? wanted.names : [];
  const text = wanted.kind === "table" ? wanted.text : "";
  const part = partition === null ? "" : `&partition=${partition.column}:${partition.value}`;
  const uri = `postgresql://${session.name}?table=${text}${part}`;
  const staged = farFolder({ uri, identity: uri, home });
  return new PostgresPlace(session, { place, table, target, staged });
}

interface Parts {
  readonly place: Place;
  readonly table: readonly string[];
  readonly target: DatabaseUrl;
  readonly staged: StagedFolder;
}

class PostgresPlace implements OutputPlace {
  readonly uri: string;
  readonly format = "parquet";
  readonly folder: string;
  readonly #parts: Parts;
  readonly #key: string;
  #session: PostgresSession;
  #isHeld = false;

  constructor(session: PostgresSession, parts: Parts) {
    this.#session = session;
    this.#parts = parts;
    this.uri = parts.staged.uri;
    this.folder = parts.staged.folder;
    this.#key = outputKey(parts.table.join("."), parts.target.partition);
  }

  async acquire(): Promise<void> {
    await this.#parts.staged.acquire();
    await this.#lock();
    this.#isHeld = true;
  }

  /** The server lets go of it when the connection ends, however it ends. @throws BATCH_BUSY */
  async #lock(): Promise<void> {
    const [row] = await this.#session.query("SELECT pg_try_advisory_lock(hashtextextended($1, 7321)) AS got", [
      `trimaran ${this.#key}`,
    ]);
    if (Number(row?.["got"]) !== 1) throw trimaranError("BATCH_BUSY", { name: this.uri });
  }

  #beside(name: string): string {
    return [...this.#parts.table.slice(0, -1), name].map((part) => sqlName(part)).join(".");
  }

  get #table(): string {
    return this.#parts.table.map((part) => sqlName(part)).join(".");
  }

  async #isThere(table: string): Promise<boolean> {
    const [row] = await this.#asked("SELECT to_regclass($1) IS NOT NULL AS found", [table]);
    return Number(row?.["found"]) === 1;
  }

  async readManifest(): Promise<Manifest | null> {
    const table = this.#beside(manifestsTable);
    if (!(await this.#isThere(table))) return null;
    const [row] = await this.#asked(`SELECT manifest::text AS manifest FROM ${table} WHERE output = $1`, [this.#key]);
    return row === undefined ? null : readManifestText(String(row["manifest"]));
  }

  async isPublished(manifest: Manifest): Promise<boolean> {
    if (!(await this.#isThere(this.#table))) return false;
    const [row] = await this.#asked(
      `SELECT count(*) AS rows FROM ${this.#table}${this.#rowsOfUnit}`,
      this.#partitionValue,
    );
    return Number(row?.["rows"]) === writtenRows(manifest);
  }

  get #rowsOfUnit(): string {
    const { partition } = this.#parts.target;
    return partition === null ? "" : ` WHERE ${sqlName(partition.column)} = $1`;
  }

  get #partitionValue(): readonly string[] {
    const { partition } = this.#parts.target;
    return partition === null ? [] : [partition.value];
  }

  kept(): Promise<readonly string[]> {
    return this.#parts.staged.kept();
  }

  keep(name: string): Promise<void> {
    return this.#parts.staged.keep(name);
  }

  async fetchKept(name: string): Promise<string> {
    return this.#parts.staged.fetchKept(name);
  }

  clear(stays: (name: string) => boolean = () => false): Promise<void> {
    return this.#parts.staged.clear(stays);
  }

  async publish({ file, rejects, manifest }: Publication): Promise<void> {
    const { target, staged } = this.#parts;
    const columns = await tableColumns(file, { partition: target.partition, name: this.uri });
    const csv = join(this.folder, "rows.csv.part");
    const cells = columns.map(({ sql, type }) =>
      postgresType(type).isJson ? `CAST(to_json(${sql}) AS VARCHAR)` : sql,
    );
    await staged.writing(() => parquetToQuotedCsv({ path: file, cells }, csv, this.folder));
    await this.#ready();
    try {
      await this.#commit({ columns, csv, rejects: Object.entries(rejects), manifest });
    } catch (cause) {
      await this.#session.client.query("ROLLBACK").catch(() => {});
      throw cause;
    } finally {
      await rm(csv, { force: true });
    }
    await staged.remove();
  }

  /** A connection that broke while the rows were scored is opened anew; so is its lock. */
  async #ready(): Promise<void> {
    const isAlive = await this.#session.query("SELECT 1").then(
      () => true,
      () => false,
    );
    if (isAlive) return;
    await this.#session[Symbol.asyncDispose]();
    this.#session = await PostgresSession.open(this.#parts.place);
    if (this.#isHeld) await this.#lock();
  }

  async #commit({ columns, csv, rejects, manifest }: Commit): Promise<void> {
    await this.#asked("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
    await this.#makeTables(columns);
    await this.#asked(`DELETE FROM ${this.#table}${this.#rowsOfUnit}`, this.#partitionValue);
    const names = columns.map(({ name }) => sqlName(name)).join(", ");
    await this.#copy(`${this.#table} (${names})`, createReadStream(csv, { highWaterMark: 1 << 18 }));
    const rejected = this.#beside(rejectsTable);
    await this.#asked(`DELETE FROM ${rejected} WHERE output = $1`, [this.#key]);
    for (const [, path] of rejects) {
      await this.#copy(`${rejected} (output, place, reject)`, rejectLines(this.#key, path));
    }
    await this.#asked(
      `INSERT INTO ${this.#beside(manifestsTable)} (output, manifest) VALUES ($1, $2)
       ON CONFLICT (output) DO UPDATE SET manifest = EXCLUDED.manifest`,
      [this.#key, JSON.stringify(manifest)],
    );
    await this.#asked("COMMIT");
  }

  /** Two runs that make the same table for two partitions wait for one another. */
  async #makeTables(columns: readonly TableColumn[]): Promise<void> {
    const needed = [this.#table, this.#beside(manifestsTable), this.#beside(rejectsTable)];
    let missing = 0;
    for (const table of needed) if (!(await this.#isThere(table))) missing++;
    if (missing === 0) return;
    await this.#asked("SELECT pg_advisory_xact_lock(hashtextextended('trimaran makes tables', 7321))");
    const list = columns.map(({ name, type }) => `${sqlName(name)} ${postgresType(type).type}`).join(", ");
    await this.#asked(`CREATE TABLE IF NOT EXISTS ${this.#table} (${list})`);
    await this.#asked(
      `CREATE TABLE IF NOT EXISTS ${this.#beside(manifestsTable)} (output text PRIMARY KEY, manifest json NOT NULL)`,
    );
    await this.#asked(
      `CREATE TABLE IF NOT EXISTS ${this.#beside(rejectsTable)} (output text NOT NULL, place bigint NOT NULL, reject json NOT NULL)`,
    );
  }

  async #copy(target: string, body: AsyncIterable<Uint8Array>): Promise<void> {
    const sql = `COPY ${target} FROM STDIN (FORMAT csv, NULL '\\N')`;
    await this.#session.asked(() =>
      copyIn(this.#session.client, sql, body).catch((cause: unknown) => {
        throw queryProblem(this.uri, cause) ?? cause;
      }),
    );
  }

  async #asked(sql: string, values: readonly string[] = []): ReturnType<PostgresSession["query"]> {
    const { client } = this.#session;
    return this.#session.asked(async () => {
      try {
        return (await client.query<Record<string, unknown>>(sql, [...values])).rows;
      } catch (cause) {
        throw queryProblem(this.uri, cause) ?? cause;
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
    await this.#parts.staged.release();
  }
}

interface Commit {
  readonly columns: readonly TableColumn[];
  readonly csv: string;
  readonly rejects: readonly (readonly [string, string])[];
  readonly manifest: Manifest;
}

async function* rejectLines(key: string, path: string): AsyncGenerator<Uint8Array> {
  let place = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line !== "") yield Buffer.from(quotedLine([key, String(place++), line]));
  }
}
