// The inputs of a unit: listed, brought here, hashed, and described, each as a Parquet file that shards are cut from.
import { createHash } from "node:crypto";
import { mkdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isTrimaranError, trimaranError } from "../../base/errors.ts";
import { copyRange } from "../../tables/copy-range.ts";
import { readParquetFooter } from "../../tables/parquet-footer.ts";
import { textFields } from "../../tables/row-cells.ts";
import { openSqlEngine, type SqlEngine } from "../../tables/sql-engine.ts";
import { describe, sqlError, unreadable } from "../../tables/sql-source.ts";
import { type BrokenLine, type ConvertedText, textToParquet } from "../../tables/text-to-parquet.ts";
import { bareFields } from "./bare-fields.ts";
import { missingColumn, planFields } from "./input-fields.ts";
import { openSource, schemeName } from "./open-place.ts";
import type { InputFile, InputSource, PlaceOptions } from "./ports.ts";
import type { ScorePlan } from "./score-plan.ts";
import type { ShardFile } from "./shard.ts";
import { derivedSql, fileSql } from "./shard-sql.ts";

export interface ListedFile {
  readonly source: InputSource;
  readonly file: InputFile;
}

/**
 * `output` must not be among them.
 * @throws BATCH_INPUT, BATCH_NAMES, BATCH_OVERLAP
 */
export async function listInputs(
  { inputs: urls, output }: { readonly inputs: readonly string[]; readonly output: string },
  sources: AsyncDisposableStack,
  options: PlaceOptions,
): Promise<readonly ListedFile[]> {
  const written = await realName(output);
  const listed: ListedFile[] = [];
  for (const url of urls) {
    const source = sources.use(await openSource(url, options));
    const files = await source.list(options.signal);
    if (files.length === 0) throw trimaranError("BATCH_INPUT", { url: withoutSecrets(url) });
    for (const file of files) {
      // A query has no size before it is asked.
      if (listed.some((known) => known.file.uri === file.uri)) continue;
      if ((await realName(file.uri)) === written) throw trimaranError("BATCH_OVERLAP", { name: file.uri });
      listed.push({ source, file });
    }
  }
  const names = new Set<string>();
  for (const { file } of listed) {
    // Ids are made of names: two files of one name would give two rows one id.
    if (names.has(file.name)) throw trimaranError("BATCH_NAMES", { name: file.name, uri: file.uri });
    names.add(file.name);
  }
  return listed;
}

/** One name for one file of this machine, by whatever path. */
async function realName(uri: string): Promise<string> {
  return schemeName(uri) === "" ? realpath(uri).catch(() => resolve(uri)) : uri;
}

function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^/@]*@/, "//").replace(/\?.*$/s, "");
}

export interface FetchedFile extends ListedFile {
  readonly path: string;
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
}

/** @throws BATCH_CHANGED, BATCH_EMPTY, FILE_NOT_READABLE */
export async function fetchInputs(
  listed: readonly ListedFile[],
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<readonly FetchedFile[]> {
  const fetched: FetchedFile[] = [];
  for (const { source, file } of listed) {
    signal.throwIfAborted();
    const path = await source.fetch(file, folder, signal);
    const { digest, bytes } = await digestOf(path, { uri: file.uri, signal });
    if (bytes === 0) throw trimaranError("BATCH_EMPTY", { name: file.uri });
    fetched.push({ source, file, path, digest });
  }
  return fetched;
}

export async function digestOf(
  path: string,
  { uri, signal }: { readonly uri: string; readonly signal: AbortSignal },
): Promise<{ readonly digest: string; readonly bytes: number }> {
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    bytes = await copyRange(path, { start: 0 }, (piece) => {
      signal.throwIfAborted();
      hash.update(piece);
    });
  } catch (cause) {
    signal.throwIfAborted();
    // A file that became shorter.
    if (isTrimaranError(cause)) throw trimaranError("BATCH_CHANGED", { name: uri }, { cause });
    const problem = (cause as NodeJS.ErrnoException).code ?? "it cannot be read";
    throw trimaranError("FILE_NOT_READABLE", { path: uri, problem }, { cause });
  }
  return { digest: `sha256:${hash.digest("hex")}`, bytes };
}

export interface PreparedFile extends FetchedFile {
  readonly shardFile: ShardFile;
  /** Rows by row group. */
  readonly groups: readonly number[];
  readonly rows: number;
  readonly broken: readonly BrokenLine[];
  /** What is done with its rows: what the plan says, or where text has no rows, and so no types, nothing. */
  readonly sql: RowsSql;
}

type RowsSql = Pick<ScorePlan, "derive" | "where">;

export interface PrepareOptions {
  readonly plan: ScorePlan;
  readonly folder: string;
  readonly threads: number;
  readonly memoryBytes: number;
  readonly signal: AbortSignal;
}

/** @throws BATCH_COLUMN, BATCH_TYPE, BATCH_SCHEMA, TABLE_READ, TABLE_SQL */
export async function prepareInputs(
  fetched: readonly FetchedFile[],
  options: PrepareOptions,
): Promise<readonly PreparedFile[]> {
  const { folder } = options;
  await using engine = await openSqlEngine(
    fetched.map(({ path }) => path),
    { threads: 1, folder },
  );
  const prepared: PreparedFile[] = [];
  for (const file of fetched) {
    const one = await prepareFile(engine, file, options);
    if (!isUntyped(one))
      assertFits(
        prepared.find((known) => !isUntyped(known)),
        one,
        options.plan,
      );
    prepared.push(one);
  }
  return prepared;
}

async function prepareFile(engine: SqlEngine, fetched: FetchedFile, options: PrepareOptions): Promise<PreparedFile> {
  const { file } = fetched;
  const { path, broken, json } = await asParquet(fetched, options);
  const footer = await readParquetFooter(path, file.uri);
  const { groups, rows } = footer;
  const described = (sql: RowsSql): Promise<ShardFile> =>
    describeFile(engine, { file, path, json, plan: { ...options.plan, ...sql } });
  const facts = { ...fetched, groups, rows, broken };
  try {
    return { ...facts, sql: options.plan, shardFile: await described(options.plan) };
  } catch (cause) {
    if (!isUntyped(facts) || !isTrimaranError(cause) || cause.code !== "TABLE_SQL") throw cause;
    const sql = rowlessSql(options.plan);
    return { ...facts, sql, shardFile: await described(sql) };
  }
}

/** A header alone: its cells would say what its columns are. */
function isUntyped({ file, rows }: Pick<PreparedFile, "file" | "rows">): boolean {
  return file.format !== "parquet" && rows === 0;
}

function rowlessSql({ derive, truth }: ScorePlan): RowsSql {
  const empty = (name: string): string => `CAST(NULL AS ${name === truth ? "DOUBLE" : "VARCHAR"})`;
  return { derive: Object.fromEntries(Object.keys(derive).map((name) => [name, empty(name)])), where: null };
}

/** For all files: one without rows has no shard where others have some. */
export function commonSql(files: readonly PreparedFile[], plan: ScorePlan): RowsSql {
  return files.every(isUntyped) ? (files[0]?.sql ?? plan) : plan;
}

interface ParquetFile extends ConvertedText {
  readonly path: string;
}

/** Text is parsed once; what came of it is kept for a run that goes on. */
async function asParquet({ file, path, digest }: FetchedFile, options: PrepareOptions): Promise<ParquetFile> {
  const { format, compression } = file;
  if (format === "parquet") return { path, broken: [], json: [] };
  const { folder, plan, threads, memoryBytes, signal } = options;
  const name = join(folder, `input-${digest.slice("sha256:".length, 23)}`);
  const known = await readFile(`${name}.json`, "utf8").catch(() => null);
  if (known !== null) return { path: `${name}.parquet`, ...(JSON.parse(known) as ConvertedText) };
  await mkdir(folder, { recursive: true });
  const texts = textFields(plan.input ?? {});
  const table = { path, format, texts, ...(compression === undefined ? {} : { compression }) };
  const output = `${name}.parquet`;
  const converted = await textToParquet(table, {
    output: `${output}.part`,
    folder,
    threads,
    memoryBytes,
    signal,
  }).catch((cause: unknown) => Promise.reject(named(cause, { path, uri: file.uri })));
  await rename(`${output}.part`, output);
  await writeFile(`${name}.json.part`, JSON.stringify(converted));
  await rename(`${name}.json.part`, `${name}.json`);
  return { path: output, ...converted };
}

/** A copy that lies here is called what the user called it. */
function named(cause: unknown, { path, uri }: { readonly path: string; readonly uri: string }): unknown {
  const { code, message = "" } = cause as { readonly code?: unknown; readonly message?: string };
  if (code !== "TABLE_READ" || path === uri) return cause;
  const problem = /as a table: (.*)\.$/s.exec(message)?.[1] ?? "it is damaged";
  return trimaranError("TABLE_READ", { name: uri, problem }, { cause });
}

async function describeFile(
  engine: SqlEngine,
  {
    file,
    path,
    json,
    plan,
  }: Pick<FetchedFile, "file"> & Pick<ParquetFile, "path" | "json"> & Pick<PrepareOptions, "plan">,
): Promise<ShardFile> {
  const hive = hiveColumns(file.uri);
  const own = await describe(engine, `read_parquet(${quoted(path)}, hive_partitioning = false)`, (cause) =>
    unreadable([file.uri], cause),
  );
  const from = fileSql({ path, hive }, [...own.keys()]);
  const withPath = await describe(engine, from, (cause) => unreadable([file.uri], cause));
  const facts = { from, known: withPath, name: file.uri, isGuessed: file.format !== "parquet" };
  const described = await describeRows(engine, facts, plan);
  return {
    path,
    uri: file.uri,
    name: file.name,
    hive,
    isCsv: file.format === "csv",
    json,
    own: [...own],
    ...described,
  };
}

export interface DescribedRows {
  /** A table of SQL. */
  readonly from: string;
  readonly known: ReadonlyMap<string, string>;
  /** Whose rows they are, in messages. */
  readonly name: string;
  readonly isGuessed: boolean;
}

/** What a definition makes of the columns of rows. @throws BATCH_COLUMN, BATCH_TYPE, TABLE_SQL */
export async function describeRows(
  engine: SqlEngine,
  { from, known, name: uri, isGuessed }: DescribedRows,
  plan: ScorePlan,
): Promise<Pick<ShardFile, "columnTypes" | "fields" | "isGuessed" | "isPositional" | "lacksDefaults">> {
  let columns = shownColumns(known);
  const ownNames = [...known.keys()];
  const names = Object.keys(plan.derive);
  for (const [at, name] of names.entries()) {
    const derive = Object.fromEntries(Object.entries(plan.derive).slice(0, at + 1));
    const before = columns;
    const made = await describe(engine, derivedSql(from, ownNames, derive), (cause) =>
      sqlError(`derive.${name}`, cause, before),
    );
    columns = shownColumns(made);
  }
  const derived = derivedSql(from, ownNames, plan.derive);
  if (plan.where !== null) {
    await describe(engine, `(SELECT * FROM ${derived} WHERE (${plan.where}\n))`, (cause) =>
      sqlError("where", cause, columns),
    );
  }
  const facts = { name: uri, columns, isGuessed };
  for (const { column, use } of plan.columns) if (!columns.has(column)) throw missingColumn(column, facts, use);
  const bare = plan.input === null ? bareFields(plan.modelInput, facts) : null;
  return {
    isGuessed,
    columnTypes: Object.fromEntries(columns),
    fields: bare?.fields ?? planFields(plan.input ?? {}, facts),
    isPositional: bare?.isPositional ?? false,
    lacksDefaults: Object.entries(plan.input ?? {}).some(
      ([name, { spec }]) => spec.presence === "default" && !columns.has(name),
    ),
  };
}

/** Without our own. */
function shownColumns(columns: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...columns].filter(([name]) => !name.startsWith("__trimaran_")));
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "''")}'`;
}

/** `year=2021/month=03` of a path. */
function hiveColumns(uri: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const step of uri.split(/[\\/]/).slice(0, -1)) {
    const [, name, value] = /^([A-Za-z_][\w-]*)=(.*)$/.exec(step) ?? [];
    if (name !== undefined && value !== undefined && name !== "__proto__") found[name] = decoded(value);
  }
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Columns that are written have one type in all files. @throws BATCH_SCHEMA */
function assertFits(first: PreparedFile | undefined, { shardFile, file }: PreparedFile, plan: ScorePlan): void {
  if (first === undefined) return;
  for (const { column } of plan.columns) {
    const [type = "", firstType = ""] = [shardFile.columnTypes[column], first.shardFile.columnTypes[column]];
    if (type === firstType) continue;
    throw trimaranError("BATCH_SCHEMA", { column, type, name: file.uri, firstType, first: first.file.uri });
  }
}

export async function removeInputs(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
