// Scores one shard after the other: its rows read as columns, answered block by block, written, and read back.
import { mkdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult, DuckDBType } from "@duckdb/node-api";
import { trimaranError } from "../../base/errors.ts";
import { addWarning, type RowIssue, type Warning } from "../../data/batch.ts";
import { compileRow } from "../../data/compile-row.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import { readParquetFooter } from "../../tables/parquet-footer.ts";
import { rowOfCells } from "../../tables/row-cells.ts";
import { engineProblem, openSqlEngine, type SqlEngine, sqlName } from "../../tables/sql-engine.ts";
import { type BlockAnswerer, blockAnswerer } from "./answer-block.ts";
import { type AnswerColumn, answerColumn, appendColumns } from "./answer-columns.ts";
import { blockReader, countFlags, type OddRow } from "./block-reader.ts";
import { fileChecksum } from "./file-checksum.ts";
import { type RejectedRow, rejectLines } from "./reject-lines.ts";
import { IssueCounts, type ShardJob, type ShardReport, type ShardTask, shardName } from "./shard.ts";
import { answerName, copySql, keepColumn, keyColumn, okColumn, shardSql } from "./shard-sql.ts";
import { writeProblem } from "./write-problem.ts";

/** Rows that are objects at a time. */
const blockRows = 4096;

export interface ShardEngine extends Omit<SqlEngine, "connect"> {
  /** A second connection: two cursors over one table. */
  readonly odd: DuckDBConnection;
}

export interface ShardScorerOptions {
  readonly service: PredictionService;
  readonly job: ShardJob;
  readonly signal: AbortSignal;
}

export class ShardScorer implements AsyncDisposable {
  readonly #options: ShardScorerOptions;
  readonly #answer: BlockAnswerer;
  #engine: ShardEngine | null = null;

  constructor(options: ShardScorerOptions) {
    this.#options = options;
    this.#answer = blockAnswerer(options.service);
  }

  /** @throws BATCH_ROWS, BATCH_SPACE, TABLE_READ, TABLE_SQL and what models throw */
  async score(task: ShardTask): Promise<ShardReport> {
    const { job, signal } = this.#options;
    const engine = await this.#opened();
    const stop = (): void => engine.connection.interrupt();
    signal.addEventListener("abort", stop, { once: true });
    try {
      signal.throwIfAborted();
      return await this.#scoreWith(engine, task);
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw writeProblem(join(job.folder, shardName(task.index)), cause);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  async #scoreWith(engine: ShardEngine, task: ShardTask): Promise<ShardReport> {
    const { job } = this.#options;
    const counts = await createShard(engine, job, task);
    const columns = job.outputs.map((plan) => answerColumn(plan, counts.kept));
    const answered = await answerAll(engine, {
      ...this.#options,
      answer: this.#answer,
      task,
      columns,
      rows: counts.kept,
    });
    const { ok, rejected, keys } = answered;
    await appendAnswers(engine, { columns, ok: rejected.length > 0 ? ok : null, keys, rows: counts.kept });
    const written = counts.kept - rejected.length;
    const name = `${shardName(task.index)}.${job.format}`;
    const output = join(job.folder, `${name}.part`);
    const copied = await engine.connection.runAndReadAll(
      copySql({
        job,
        file: task.file,
        answers: columns,
        isFirst: task.index === 0,
        output,
        hasRejects: rejected.length > 0,
      }),
    );
    assertRows(output, { expected: written, found: Number(copied.getRowsJS()[0]?.[0] ?? -1) });
    if (job.format === "parquet") {
      assertRows(output, { expected: written, found: (await readParquetFooter(output)).rows });
    }
    const rejects = await this.#writeRejects(engine, { task, rejected });
    await engine.connection.run("DROP TABLE IF EXISTS answers; DROP TABLE IF EXISTS shard");
    const files = [name, ...rejects.files];
    const checksums: string[] = [];
    for (const file of files) checksums.push(await fileChecksum(join(job.folder, `${file}.part`)));
    return {
      index: task.index,
      rows: { read: counts.read, filtered: counts.read - counts.kept, rejected: rejected.length, written },
      reasons: rejects.reasons.list(),
      warnings: [...answered.warnings.values()],
      files,
      checksums,
    };
  }

  async #writeRejects(
    engine: ShardEngine,
    { task, rejected }: { readonly task: ShardTask; readonly rejected: readonly RejectedRow[] },
  ): Promise<{ readonly files: readonly string[]; readonly reasons: IssueCounts }> {
    const reasons = new IssueCounts();
    if (rejected.length === 0) return { files: [], reasons };
    for (const { issues } of rejected) if (issues[0] !== undefined) reasons.add(issues[0]);
    const name = `${shardName(task.index)}.rejects.ndjson`;
    await writeFile(join(this.#options.job.folder, `${name}.part`), rejectLines(engine, task, rejected));
    return { files: [name], reasons };
  }

  async #opened(): Promise<ShardEngine> {
    if (this.#engine !== null) return this.#engine;
    const { paths, folder, memoryBytes } = this.#options.job;
    mkdirSync(folder, { recursive: true });
    const opened = await openSqlEngine(paths, { folder, threads: 1, memoryBytes });
    this.#engine = {
      connection: opened.connection,
      odd: await opened.connect(),
      [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
    };
    return this.#engine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const engine = this.#engine;
    this.#engine = null;
    await engine?.[Symbol.asyncDispose]();
  }
}

interface ShardCounts {
  readonly read: number;
  readonly kept: number;
}

/** Materialised: a broken page throws, where a stream would end. */
async function createShard(engine: ShardEngine, job: ShardJob, task: ShardTask): Promise<ShardCounts> {
  const { connection } = engine;
  const { uri, columnTypes } = task.file;
  try {
    await connection.run(`CREATE OR REPLACE TABLE shard AS ${shardSql(job, task)}`);
  } catch (cause) {
    throw readProblem(cause, { uri, hasSql: job.where !== null || Object.keys(job.derive).length > 0, columnTypes });
  }
  const counted = await connection.runAndReadAll(`SELECT count(*), count(*) FILTER (${keepColumn}) FROM shard`);
  const [read, kept] = (counted.getRowsJS()[0] ?? []).map(Number);
  assertRows(uri, { expected: task.end - task.start, found: read ?? 0 });
  return { read: read ?? 0, kept: kept ?? 0 };
}

interface ReadFacts {
  readonly uri: string;
  readonly hasSql: boolean;
  readonly columnTypes: Readonly<Record<string, string>>;
}

export function readProblem(cause: unknown, { uri, hasSql, columnTypes }: ReadFacts): unknown {
  const message = cause instanceof Error ? cause.message : "";
  const written = writeProblem(uri, cause);
  if (written !== cause) return written;
  const isData = /^(Conversion|Out of Range|Binder|Parser|Catalog) Error/.test(message);
  if (hasSql && isData) {
    const slots = {
      part: "derive or where",
      problem: engineProblem(cause),
      columns: Object.keys(columnTypes).join(", "),
    };
    return trimaranError("TABLE_SQL", slots, { cause });
  }
  if (/^Out of Memory/i.test(message)) {
    return trimaranError("BATCH_MEMORY", { name: uri }, { cause });
  }
  return trimaranError("TABLE_READ", { name: uri, problem: damage(message) ?? engineProblem(cause) }, { cause });
}

function damage(message: string): string | null {
  const isDamage = /thrift|snappy|zstd|gzip|page|corrupt|decompress|decode|out of buffer|TProtocol|parquet|read error/i;
  return isDamage.test(message) ? "a page of it is damaged" : null;
}

export interface AnswerWork extends ShardScorerOptions {
  readonly answer: BlockAnswerer;
  readonly task: ShardTask;
  readonly columns: readonly AnswerColumn[];
  readonly rows: number;
}

export interface Answered {
  readonly ok: Uint8Array;
  readonly rejected: RejectedRow[];
  readonly warnings: Map<string, Warning>;
  readonly keys: string[] | null;
}

interface Refused {
  readonly issues: readonly RowIssue[];
  readonly start: number;
  /** Position of a sound row in the block; null: its own. */
  readonly index: Int32Array | null;
}

/** Answers of the rows of the table `shard` that the filter kept. */
export async function answerAll(engine: ShardEngine, work: AnswerWork): Promise<Answered> {
  const { service, job, signal, answer, task, columns, rows } = work;
  const { deployment } = service;
  const definitionKey = deployment?.key ?? null;
  const wantsKeys = job.id.kind === "key" && job.write.some(({ source }) => source.kind === "id");
  const keys: string[] | null = wantsKeys && definitionKey !== null ? [] : null;
  const answered: Answered = { ok: new Uint8Array(rows).fill(1), rejected: [], warnings: new Map(), keys };
  const { fields, isCsv, columnTypes, json, isPositional } = task.file;
  const read = blockReader({
    fields,
    columnTypes,
    json,
    isPositional,
    columnFields: keys === null ? answer.columnFields(fields) : null,
    closely: deployment === null ? null : compileRow(deployment.input, { unknownFields: "ignore" }),
    cellsOf: rowOfCells(deployment?.input ?? {}, { columns: fields.map(({ name }) => name), isCsv }),
  });
  let start = 0;
  const flush: Flush = async (chunks, block, odd) => {
    const { parts, issues } = read(chunks, block, odd);
    reject(answered, { issues, start, index: null });
    if (keys !== null) for (let at = 0; at < block; at++) keys.push("");
    for (const { rows: part, index } of parts) {
      const made = index === null ? columns : columns.map(({ plan }) => answerColumn(plan, index.length));
      const target = { start: index === null ? start : 0, columns: made, signal };
      const { issues: refused, warnings } = await answer.answer(part, target);
      if (index !== null) spread(made, columns, { index, start });
      for (const warning of warnings) addWarning(answered.warnings, warning);
      reject(answered, { issues: refused, start, index });
      if (keys === null || definitionKey === null || part.kind !== "rows") continue;
      for (const [at, row] of part.rows.entries()) keys[start + (index?.[at] ?? at)] = keyOf(definitionKey, row);
    }
    start += block;
  };
  await eachBlock(engine, task.file, flush);
  assertRows(task.file.uri, { expected: rows, found: start });
  answered.rejected.sort((left, right) => left.at - right.at);
  return answered;
}

function reject({ ok, rejected }: Answered, { issues, start, index }: Refused): void {
  let last: RowIssue[] = [];
  let lastAt = -1;
  for (const issue of issues) {
    const at = start + (index?.[issue.row] ?? issue.row);
    if (at !== lastAt) {
      last = [];
      lastAt = at;
      rejected.push({ at, issues: last });
      ok[at] = 0;
    }
    last.push(issue);
  }
}

/** Rows of a part of a block, to their places. */
function spread(
  from: readonly AnswerColumn[],
  to: readonly AnswerColumn[],
  { index, start }: { readonly index: Int32Array; readonly start: number },
): void {
  for (const [column, { cells }] of from.entries()) {
    const target = to[column]!.cells;
    for (let at = 0; at < index.length; at++) {
      const place = start + index[at]!;
      (target.values as (typeof cells.values)[number][])[place] = cells.values[at]!;
      if (cells.kind !== "listed" && target.kind !== "listed") target.nulls[place] = cells.nulls[at]!;
    }
  }
}

function keyOf(key: (row: never) => string, row: unknown): string {
  return String(key(row as never));
}

type Flush = (chunks: readonly DuckDBDataChunk[], rows: number, odd: readonly OddRow[]) => Promise<void>;

/**
 * The fields of the rows that the filter kept, some thousand at a time. The cells of odd rows come by a cursor of their own, in the
 * same order. A stream that breaks off ends silently: whoever calls counts.
 */
async function eachBlock(
  { connection, odd: oddConnection }: ShardEngine,
  { fields, lacksDefaults }: ShardTask["file"],
  flush: Flush,
): Promise<void> {
  const screens = fields.flatMap(({ screen }) => (screen === null ? [] : [`(${screen})`]));
  const flag = [String(lacksDefaults), ...screens].join(" OR ");
  const values = fields.map(({ value }) => value);
  const result = await connection.stream(
    `SELECT ${[`CAST((${flag}) AS UTINYINT)`, ...values].join(", ")} FROM shard WHERE ${keepColumn}`,
  );
  const cells = fields.length === 0 ? ["NULL"] : fields.map(({ name }) => sqlName(name));
  const odd = oddRows(oddConnection, `SELECT ${cells.join(", ")} FROM shard WHERE ${keepColumn} AND (${flag})`);
  let chunks: DuckDBDataChunk[] = [];
  let rows = 0;
  const flushAll = async (): Promise<void> => {
    const flags = chunks.reduce((sum, chunk) => sum + countFlags(chunk), 0);
    await flush(chunks, rows, await taken(odd, flags));
    chunks = [];
    rows = 0;
  };
  for await (const chunk of chunksOf(result)) {
    chunks.push(chunk);
    rows += chunk.rowCount;
    if (rows >= blockRows) await flushAll();
  }
  if (rows > 0) await flushAll();
}

/** DuckDB makes the next chunk while one is looked at. Nothing is under way any more when whoever looks stops. */
async function* chunksOf(result: DuckDBResult): AsyncGenerator<DuckDBDataChunk> {
  let next = result.fetchChunk();
  try {
    for (;;) {
      const chunk = await next;
      if (chunk === null || chunk.rowCount === 0) return;
      next = result.fetchChunk();
      next.catch(() => {});
      yield chunk;
    }
  } finally {
    await next.catch(() => {});
  }
}

async function* oddRows(connection: DuckDBConnection, sql: string): AsyncGenerator<OddRow> {
  const result = await connection.stream(sql);
  for await (const rows of result.yieldRowsJs()) yield* rows;
}

/** @throws BATCH_ROWS where there are fewer */
async function taken(rows: AsyncGenerator<OddRow>, count: number): Promise<readonly OddRow[]> {
  const found: OddRow[] = [];
  while (found.length < count) {
    const { value, done } = await rows.next();
    if (done === true) throw trimaranError("BATCH_ROWS", { name: "a shard", expected: count, found: found.length });
    found.push(value);
  }
  return found;
}

interface AppendedAnswers {
  readonly columns: readonly AnswerColumn[];
  /** null: every row has an answer. */
  readonly ok: Uint8Array | null;
  readonly keys: readonly string[] | null;
  readonly rows: number;
}

export async function appendAnswers(
  { connection }: ShardEngine,
  { columns, ok, keys, rows }: AppendedAnswers,
): Promise<void> {
  const { BOOLEAN, BIGINT, DOUBLE, FLOAT, VARCHAR } = await import("@duckdb/node-api");
  const types: Readonly<Record<string, DuckDBType>> = { BOOLEAN, BIGINT, DOUBLE, FLOAT, VARCHAR };
  const flags = { kind: "listed" as const, values: ok === null ? [] : Array.from(ok, (flag) => flag === 1) };
  const all = [
    ...columns.map(({ sqlType, cells }, at) => ({ name: answerName(at), sqlType, cells })),
    ...(keys === null
      ? []
      : [{ name: keyColumn, sqlType: "VARCHAR", cells: { kind: "listed" as const, values: [...keys] } }]),
    ...(ok === null ? [] : [{ name: okColumn, sqlType: "BOOLEAN", cells: flags }]),
  ];
  const declared = all.map(({ name, sqlType }) => `${name} ${sqlType}`).join(", ");
  await connection.run(`CREATE OR REPLACE TABLE answers (${declared})`);
  const appender = await connection.createAppender("answers");
  await appendColumns({ appender, columns: all.map(({ sqlType, cells }) => ({ type: types[sqlType]!, cells })), rows });
}

/** @throws BATCH_ROWS */
function assertRows(name: string, { expected, found }: { readonly expected: number; readonly found: number }): void {
  if (expected !== found) throw trimaranError("BATCH_ROWS", { name, expected, found });
}
