// Scores one Arrow record batch after the other: as a table of DuckDB, with the definition's derive and where, by the same code as
// shards of files. One row comes out for one that goes in; its last column says what became of it.
import type { DuckDBType } from "@duckdb/node-api";
import { JSDuckDBValueConverter } from "@duckdb/node-api";
import type { Data, RecordBatch, Schema } from "apache-arrow";
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
import type { WriteSource } from "../write-columns.ts";
import { type ArrowColumn, appendBatch, arrowColumns, typedSql } from "./from-arrow.ts";
import { madeTexts, rowPlaces, type TextPart, textParts } from "./made-texts.ts";
import { TextColumn } from "./text-column.ts";
import { type OutColumn, outColumn } from "./to-arrow.ts";

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

/** A column that goes out: of the table, or a text that needs none. */
type Out =
  | { readonly kind: "table"; readonly column: OutColumn; readonly source: WriteSource }
  | { readonly kind: "made"; readonly parts: readonly TextPart[] };

interface Prepared {
  readonly job: ShardJob;
  readonly task: ShardTask;
  readonly columns: readonly ArrowColumn[];
  readonly types: readonly DuckDBType[];
  readonly from: string;
  readonly out: readonly Out[];
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
      const given = arrowColumns(schema);
      const columns = given.filter(({ name }) => name !== fileColumn && name !== rowColumn);
      const types = columns.map(({ carrier }) => duckdb[carrier]);
      const prepared = await prepare({ arrow, sql, columns, types, given }, options);
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
    const hasRejects = rejected.length > 0;
    await appendAnswers(this.#engine, { columns: answers, ok: hasRejects ? ok : null, keys, rows: places.length });
    const sound = hasRejects ? places.filter((_, at) => ok[at] === 1) : places;
    const tables = out.flatMap((each) => (each.kind === "table" ? [each] : []));
    const writers = tables.map(({ column }) => column.open(rows));
    const selected = tables.map(({ column: { name, sql } }, at) => `${sql(`c${at}`)} AS ${sqlName(name)}`);
    const sources = tables.map(
      ({ source }, at) => `${sourceSql(source, { ...written, job, file: task.file, answers })} AS c${at}`,
    );
    const where = hasRejects ? ` WHERE ${okColumn}` : "";
    const inner = `SELECT ${["1", ...sources].join(", ")} FROM (SELECT * FROM shard WHERE ${keepColumn}) POSITIONAL JOIN answers${where}`;
    const result = await connection.run(`SELECT ${[...selected, "1"].join(", ")} FROM (${inner})`);
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
    const stood = rowPlaces(batch, { file: fileColumn, row: rowColumn });
    const finished = writers.values();
    const children = out.map((each) =>
      each.kind === "made"
        ? madeTexts(this.#arrow, each.parts, { places: sound, rows, from: stood })
        : finished.next().value!.finish(),
    );
    children.push(this.#fates(sound, { rows, lines: await this.#rejectLines(rejected, batch, places) }));
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
    const kept = await this.#sql.connection.run(`SELECT CAST(${atColumn} AS INTEGER) FROM shard WHERE ${keepColumn}`);
    const places = new Int32Array(rows);
    let count = 0;
    for (const chunk of await kept.fetchAllChunks()) {
      const { items } = chunk.getColumnVector(0) as unknown as { readonly items: Int32Array };
      places.set(items, count);
      count += items.length;
    }
    return places.subarray(0, count);
  }

  /** What became of each row: null, empty, or its reject. */
  #fates(
    sound: Int32Array,
    { rows, lines }: { readonly rows: number; readonly lines: ReadonlyMap<number, string> },
  ): Data {
    const fates = new TextColumn(rows);
    let at = 0;
    for (let row = 0; row < rows; row++) {
      if (sound[at] === row) at++;
      else {
        fates.writeText(lines.get(row) ?? "");
        fates.end(row);
      }
    }
    return fates.finish(this.#arrow);
  }

  /** By row of the batch. */
  async #rejectLines(
    rejected: readonly RejectedRow[],
    batch: RecordBatch,
    places: Int32Array,
  ): Promise<ReadonlyMap<number, string>> {
    const lines = new Map<number, string>();
    if (rejected.length === 0) return lines;
    const { columns, from } = this.#prepared;
    const stood = rowPlaces(batch, { file: fileColumn, row: rowColumn });
    const wanted = new Map(rejected.map((row) => [places[row.at]!, row]));
    const names = columns.map(({ name }) => sqlName(name));
    const reader = await this.#sql.connection.run(`SELECT ${names.join(", ")} FROM ${from}`);
    let at = 0;
    for (
      let chunk = await reader.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await reader.fetchChunk()
    ) {
      const first = at;
      at += chunk.rowCount;
      if (!Array.from({ length: chunk.rowCount }, (_, row) => first + row).some((row) => wanted.has(row))) continue;
      for (const [row, cells] of chunk.convertRows(JSDuckDBValueConverter).entries()) {
        const reject = wanted.get(first + row);
        if (reject === undefined) continue;
        const original: Record<string, unknown> = {};
        for (const [column, { name, type, isJson }] of columns.entries()) {
          const cell = cells[column];
          const isParsed = isJson && typeof cell === "string";
          const value = isParsed ? (JSON.parse(cell) as unknown) : plainCell(cell, type === "DATE");
          Object.defineProperty(original, name, { value, enumerable: true, configurable: true });
        }
        const number = stood.row?.get(first + row) as bigint | number | null | undefined;
        const place = {
          file: String(stood.file?.get(first + row) ?? null),
          row: number == null ? null : Number(number),
        };
        lines.set(first + row, rejectLine({ ...place, issues: reject.issues, original }).trimEnd());
      }
    }
    return lines;
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

interface Preparing extends Pick<Prepared, "columns" | "types">, Pick<OpenParts, "arrow" | "sql"> {
  /** With the columns that are ours. */
  readonly given: readonly ArrowColumn[];
}

async function prepare(
  { arrow, sql, columns, types, given }: Preparing,
  { service, plan, period, memoryBytes }: BatchScorerOptions,
): Promise<Prepared> {
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
  const own = [...known].filter(([column]) => column !== atColumn);
  const json = columns.filter(({ isJson }) => isJson).map((column) => column.name);
  const file: ShardFile = {
    path: "",
    uri: name,
    name,
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
    definitionDigest: service.definitionDigest,
    modelDigests: service.models.map(({ digest }) => digest),
    memoryBytes,
  };
  assertIds(job, given);
  const answers = job.outputs.map((output) => answerColumn(output, 0));
  await sql.connection.run(`CREATE OR REPLACE TABLE shard AS ${tableSql(job, file, from)}`);
  const declared = [
    ...answers.map(({ sqlType }, at) => `${answerName(at)} ${sqlType}`),
    `${keyColumn} VARCHAR`,
    `${okColumn} BOOLEAN`,
  ];
  await sql.connection.run(`CREATE OR REPLACE TABLE answers (${declared.join(", ")})`);
  const parts = job.write.map(({ source }) => textParts(source, job));
  const sources = job.write.flatMap(({ name: column, source }, at) =>
    parts[at] === null ? [`${sourceSql(source, { ...written, job, file, answers })} AS ${sqlName(column)}`] : [],
  );
  const typed = await describe(
    sql,
    `(SELECT ${[`1 AS ${atColumn}`, ...sources].join(", ")} FROM shard POSITIONAL JOIN answers)`,
    (cause) => unreadable([name], cause),
  );
  const out = job.write.map(({ name: column, source }, at): Out => {
    const made = parts[at] ?? null;
    if (made !== null) return { kind: "made", parts: made };
    return { kind: "table", source, column: outColumn(arrow, column, typed.get(column) ?? "") };
  });
  const fields = [
    ...out.map((each, at) => {
      const type = each.kind === "made" ? new arrow.Utf8() : each.column.type;
      return new arrow.Field(job.write[at]!.name, type, true);
    }),
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

/** With the place of each row in its batch. */
function fromSql(columns: readonly ArrowColumn[]): string {
  const place: ArrowColumn = { ...placeColumn, name: atColumn };
  return typedSql(`(SELECT *, rowid AS ${atColumn} FROM arrived)`, [...columns, place]);
}

const placeColumn = { at: -1, carrier: "BIGINT", type: "BIGINT", isJson: false, fill: () => {} } as const;

function tableSql(job: ShardJob, file: ShardFile, from: string): string {
  const names = [atColumn, ...file.own.map(([name]) => name)];
  const keep = job.where === null ? "true" : `coalesce(CAST((${job.where}\n) AS BOOLEAN), false)`;
  const columns = [...neededColumns(job, file)].map(sqlName);
  return `SELECT ${[atColumn, `${keep} AS ${keepColumn}`, ...columns].join(", ")} FROM ${derivedSql(from, names, job.derive)}`;
}

/** @throws BATCH_ROWS */
function assertRows({ expected, found }: { readonly expected: number; readonly found: number }): void {
  if (expected !== found) throw trimaranError("BATCH_ROWS", { name: "a record batch", expected, found });
}
