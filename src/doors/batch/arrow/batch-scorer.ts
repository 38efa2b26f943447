// Scores one Arrow record batch after the other: as a table of DuckDB, with the definition's derive and where, by the same code as
// shards of files. One row comes out for one that goes in; its last column says what became of it.
import type { DuckDBType } from "@duckdb/node-api";
import { JSDuckDBValueConverter } from "@duckdb/node-api";
import type { RecordBatch, Schema } from "apache-arrow";
import { trimaranError } from "../../../base/errors.ts";
import type { PredictionService } from "../../../serving/prediction-service.ts";
import { openSqlEngine, type SqlEngine, sqlName } from "../../../tables/sql-engine.ts";
import { describe, unreadable } from "../../../tables/sql-source.ts";
import { plainCell } from "../../../tables/sql-table.ts";
import { type BlockAnswerer, blockAnswerer } from "../answer-block.ts";
import { answerColumn } from "../answer-columns.ts";
import { type RejectedRow, rejectLine } from "../reject-lines.ts";
import { idRule, type ScorePlan } from "../score-plan.ts";
import type { ShardFile, ShardJob, ShardTask } from "../shard.ts";
import { answerAll, appendAnswers, readProblem, type ShardEngine } from "../shard-scorer.ts";
import {
  answerName,
  derivedSql,
  keepColumn,
  keyColumn,
  neededColumns,
  okColumn,
  rowColumn,
  sourceSql,
} from "../shard-sql.ts";
import { describeRows } from "../unit-inputs.ts";
import { type ArrowColumn, appendBatch, arrowColumns, typedSql } from "./from-arrow.ts";
import { type OutColumn, outColumn, textData } from "./to-arrow.ts";

/** Columns of the stream that are ours: the file's name and the row's number in it. */
export const fileColumn = "__trimaran_file";
/** Null: the row has its answer. Empty: `where` left it out. Else the reject, as a line of JSON. */
export const rejectColumn = "__trimaran_reject";
const atColumn = "__trimaran_at";

export interface BatchScorerOptions {
  readonly service: PredictionService;
  readonly plan: ScorePlan;
  readonly period: string | null;
  /** Of DuckDB. */
  readonly memoryBytes: number;
  readonly signal: AbortSignal;
}

export interface ScoredBatch {
  readonly batch: RecordBatch;
  readonly rejected: number;
}

type Arrow = typeof import("apache-arrow");

interface Prepared {
  readonly job: ShardJob;
  readonly task: ShardTask;
  readonly columns: readonly ArrowColumn[];
  readonly types: readonly DuckDBType[];
  readonly from: string;
  readonly out: readonly OutColumn[];
  readonly schema: Schema;
}

export class BatchScorer implements AsyncDisposable {
  readonly #options: BatchScorerOptions;
  readonly #arrow: Arrow;
  readonly #sql: SqlEngine;
  readonly #engine: ShardEngine;
  readonly #prepared: Prepared;
  readonly #answer: BlockAnswerer;

  private constructor(options: BatchScorerOptions, parts: OpenParts) {
    this.#options = options;
    this.#arrow = parts.arrow;
    this.#sql = parts.sql;
    this.#engine = parts.engine;
    this.#prepared = parts.prepared;
    this.#answer = blockAnswerer(options.service);
  }

  /** @throws BATCH_COLUMN, BATCH_TYPE, BATCH_WRITE, TABLE_SQL, TABLE_ENGINE */
  static async open(schema: Schema, options: BatchScorerOptions): Promise<BatchScorer> {
    const [arrow, duckdb] = await Promise.all([import("apache-arrow"), import("@duckdb/node-api")]);
    const sql = await openSqlEngine([], { threads: 1, memoryBytes: options.memoryBytes });
    try {
      const engine: ShardEngine = {
        connection: sql.connection,
        odd: await sql.connect(),
        [Symbol.asyncDispose]: () => sql[Symbol.asyncDispose](),
      };
      const columns = arrowColumns(schema);
      const types = columns.map(({ carrier }) => duckdb[carrier]);
      const prepared = await prepare({ arrow, sql, columns, types }, options);
      return new BatchScorer(options, { arrow, sql, engine, prepared });
    } catch (cause) {
      await sql[Symbol.asyncDispose]();
      throw cause;
    }
  }

  /** Of the stream that goes out. */
  get schema(): Schema {
    return this.#prepared.schema;
  }

  /** @throws BATCH_ROWS, BATCH_MEMORY, TABLE_SQL and what models throw */
  async score(batch: RecordBatch): Promise<ScoredBatch> {
    const { signal, service } = this.#options;
    const { job, columns, types, from, schema, out } = this.#prepared;
    const rows = batch.numRows;
    const task: ShardTask = { ...this.#prepared.task, end: rows };
    const { connection } = this.#sql;
    signal.throwIfAborted();
    await connection.run(createSql(columns));
    await appendBatch(await connection.createAppender("arrived"), batch, { columns, types });
    await connection
      .run(`CREATE OR REPLACE TABLE shard AS ${tableSql(job, task.file, from)}`)
      .catch((cause: unknown) => {
        const hasSql = job.where !== null || Object.keys(job.derive).length > 0;
        throw readProblem(cause, { uri: task.file.uri, hasSql, columnTypes: task.file.columnTypes });
      });
    const places = await this.#places(rows);
    const answers = job.outputs.map((plan) => answerColumn(plan, places.length));
    const work = { service, job, signal, answer: this.#answer, task, columns: answers, rows: places.length };
    const { ok, rejected, keys } = await answerAll(this.#engine, work);
    await appendAnswers(this.#engine, { columns: answers, ok, keys, rows: places.length });
    const writers = out.map(({ open }) => open(rows));
    const selected = out.map(({ name, sql }, at) => `${sql(`c${at}`)} AS ${sqlName(name)}`);
    const sources = job.write.map(
      ({ source }, at) => `${sourceSql(source, { ...written, job, file: task.file, answers })} AS c${at}`,
    );
    const inner = `SELECT ${sources.join(", ")} FROM (SELECT * FROM shard WHERE ${keepColumn}) POSITIONAL JOIN answers WHERE ${okColumn}`;
    const sound = places.filter((_, at) => ok[at] === 1);
    const result = await connection.run(`SELECT ${selected.join(", ")} FROM (${inner})`);
    let done = 0;
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      const here = sound.subarray(done, done + chunk.rowCount);
      for (const [at, writer] of writers.entries()) writer.put(chunk, at, here);
      done += chunk.rowCount;
    }
    assertRows({ expected: sound.length, found: done });
    const fates = new Array<string | null>(rows).fill("");
    for (const place of sound) fates[place] = null;
    await this.#tellRejects(rejected, { places, fates });
    const children = [...writers.map((writer) => writer.finish()), textData(this.#arrow, fates)];
    const data = this.#arrow.makeData({
      type: new this.#arrow.Struct(schema.fields),
      length: rows,
      nullCount: 0,
      children: children as never,
    });
    return { batch: new this.#arrow.RecordBatch(schema, data), rejected: rejected.length };
  }

  /** Of the rows that the filter kept. */
  async #places(rows: number): Promise<Int32Array> {
    const counted = await this.#sql.connection.runAndReadAll(`SELECT count(*) FROM shard`);
    assertRows({ expected: rows, found: Number(counted.getRowsJS()[0]?.[0] ?? -1) });
    const kept = await this.#sql.connection.runAndReadAll(`SELECT ${atColumn} FROM shard WHERE ${keepColumn}`);
    return Int32Array.from(kept.getColumns()[0] ?? [], Number);
  }

  async #tellRejects(
    rejected: readonly RejectedRow[],
    { places, fates }: { readonly places: Int32Array; readonly fates: (string | null)[] },
  ): Promise<void> {
    if (rejected.length === 0) return;
    const { columns, from } = this.#prepared;
    const own = columns.filter(({ name }) => !name.startsWith("__trimaran_"));
    const wanted = new Map(rejected.map((row) => [places[row.at]!, row]));
    const reader = await this.#sql.connection.run(
      `SELECT ${[fileColumn, rowColumn, ...own.map(({ name }) => sqlName(name))].join(", ")} FROM ${from}`,
    );
    let at = 0;
    for (
      let chunk = await reader.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await reader.fetchChunk()
    ) {
      const first = at;
      at += chunk.rowCount;
      if (!Array.from({ length: chunk.rowCount }, (_, row) => first + row).some((row) => wanted.has(row))) continue;
      for (const [row, [file, number, ...cells]] of chunk.convertRows(JSDuckDBValueConverter).entries()) {
        const reject = wanted.get(first + row);
        if (reject === undefined) continue;
        const original: Record<string, unknown> = {};
        for (const [column, { name, type, isJson }] of own.entries()) {
          const cell = cells[column];
          const isParsed = isJson && typeof cell === "string";
          const value = isParsed ? (JSON.parse(cell) as unknown) : plainCell(cell, type === "DATE");
          Object.defineProperty(original, name, { value, enumerable: true, configurable: true });
        }
        const place = { file: String(file), row: number === null ? null : Number(number) };
        fates[first + row] = rejectLine({ ...place, issues: reject.issues, original }).trimEnd();
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine[Symbol.asyncDispose]();
  }
}

/** What SQL of a file asks for beside the columns, and a stream has not. */
const written = { isFirst: true, output: "", hasRejects: true };

interface OpenParts {
  readonly arrow: Arrow;
  readonly sql: SqlEngine;
  readonly engine: ShardEngine;
  readonly prepared: Prepared;
}

async function prepare(
  { arrow, sql, columns: all, types: allTypes }: Pick<Prepared, "columns" | "types"> & Pick<OpenParts, "arrow" | "sql">,
  { service, plan, period, memoryBytes }: BatchScorerOptions,
): Promise<Prepared> {
  const { columns, types } = { columns: all, types: allTypes };
  const name = "the stream";
  const folded = new Set<string>();
  for (const column of columns) {
    // DuckDB's names differ by more than case.
    if (folded.has(column.name.toLowerCase())) {
      const problem = `two columns are called ${column.name}`;
      throw trimaranError("TABLE_READ", { name, problem });
    }
    folded.add(column.name.toLowerCase());
  }
  await sql.connection.run(createSql(columns));
  const from = fromSql(columns);
  const known = await describe(sql, from, (cause) => unreadable([name], cause));
  const described = await describeRows(sql, { from, known, name, isGuessed: false }, plan);
  const own = [...known].filter(([column]) => !column.startsWith("__trimaran_"));
  const json = columns.filter(({ isJson }) => isJson).map((column) => column.name);
  const file: ShardFile = {
    path: "",
    uri: name,
    name,
    nameColumn: fileColumn,
    hive: {},
    isCsv: false,
    json,
    own,
    ...described,
  };
  const job: ShardJob = {
    paths: [],
    folder: "",
    format: "parquet",
    derive: plan.derive,
    where: plan.where,
    truth: plan.truth,
    id: idRule(plan, { columns: described.columnTypes, period }),
    write: plan.write,
    outputs: plan.outputs,
    version: plan.version,
    period,
    modelDigests: service.models.map(({ digest }) => digest),
    memoryBytes,
  };
  assertIds(job, columns);
  const answers = job.outputs.map((output) => answerColumn(output, 0));
  await sql.connection.run(`CREATE OR REPLACE TABLE shard AS ${tableSql(job, file, from)}`);
  const declared = [
    ...answers.map(({ sqlType }, at) => `${answerName(at)} ${sqlType}`),
    `${keyColumn} VARCHAR`,
    `${okColumn} BOOLEAN`,
  ];
  await sql.connection.run(`CREATE OR REPLACE TABLE answers (${declared.join(", ")})`);
  const sources = job.write.map(
    ({ name: column, source }) => `${sourceSql(source, { ...written, job, file, answers })} AS ${sqlName(column)}`,
  );
  const made = await describe(sql, `(SELECT ${sources.join(", ")} FROM shard POSITIONAL JOIN answers)`, (cause) =>
    unreadable([name], cause),
  );
  const out = [...made].map(([column, type]) => outColumn(arrow, column, type));
  const fields = [
    ...out.map(({ name: column, type }) => new arrow.Field(column, type, true)),
    new arrow.Field(rejectColumn, new arrow.Utf8(), true),
  ];
  const task: ShardTask = { index: 0, file, start: 0, end: 0 };
  return { job, task, columns, types, from, out, schema: new arrow.Schema(fields) };
}

/** @throws BATCH_DEFINITION where ids are made of what the stream does not say */
function assertIds({ id, write }: ShardJob, columns: readonly ArrowColumn[]): void {
  const isWritten = write.some(({ source }) => source.kind === "id");
  const has = (column: string): boolean => columns.some(({ name }) => name === column);
  const wants = (part: string): boolean => isWritten && id.kind === "template" && id.template.includes(part);
  const isFileWritten = write.some(({ source }) => source.kind === "file");
  const lacking =
    wants("{row}") && !has(rowColumn)
      ? rowColumn
      : (wants("{file}") || isFileWritten) && !has(fileColumn)
        ? fileColumn
        : null;
  if (lacking === null) return;
  const problem = `its ids or \`batch.write\` need the column ${lacking}, and the stream has none; give the definition a \`key\`, or name a column of ids`;
  throw trimaranError("BATCH_DEFINITION", { name: "of this stream", problem });
}

function createSql(columns: readonly ArrowColumn[]): string {
  return `CREATE OR REPLACE TABLE arrived (${columns.map(({ name, carrier }) => `${sqlName(name)} ${carrier}`).join(", ")})`;
}

/** With our own columns, whether the stream has them or not. */
function fromSql(columns: readonly ArrowColumn[]): string {
  const has = (column: string): boolean => columns.some(({ name }) => name === column);
  const added = [
    `rowid AS ${atColumn}`,
    ...(has(rowColumn) ? [] : [`CAST(NULL AS BIGINT) AS ${rowColumn}`]),
    ...(has(fileColumn) ? [] : [`CAST(NULL AS VARCHAR) AS ${fileColumn}`]),
  ];
  return typedSql(`(SELECT *, ${added.join(", ")} FROM arrived)`, [
    ...columns,
    ...[atColumn, rowColumn, fileColumn].filter((name) => !has(name)).map((name) => plainColumn(name)),
  ]);
}

function plainColumn(name: string): Pick<ArrowColumn, "name" | "carrier" | "type"> & ArrowColumn {
  return { name, at: -1, carrier: "BIGINT", type: "BIGINT", isJson: false, fill: () => {} };
}

function tableSql(job: ShardJob, file: ShardFile, from: string): string {
  const names = [atColumn, rowColumn, fileColumn, ...file.own.map(([name]) => name)];
  const keep = job.where === null ? "true" : `coalesce(CAST((${job.where}\n) AS BOOLEAN), false)`;
  const columns = [...neededColumns(job, file)].map(sqlName);
  const selected = [atColumn, rowColumn, fileColumn, `${keep} AS ${keepColumn}`, ...columns];
  return `SELECT ${selected.join(", ")} FROM ${derivedSql(from, names, job.derive)}`;
}

/** @throws BATCH_ROWS */
function assertRows({ expected, found }: { readonly expected: number; readonly found: number }): void {
  if (expected !== found) throw trimaranError("BATCH_ROWS", { name: "a record batch", expected, found });
}
