// The query in DuckDB beside the model here, on the same rows: an export that differs is not written.
import { basename } from "node:path";
import { isTrimaranError, trimaranError } from "../../base/errors.ts";
import type { Schema } from "../../data/field.ts";
import { numberText, type SqlTolerance } from "../../formats/sql/sql-builder.ts";
import { sqlName, sqlText } from "../../formats/sql/sql-text.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import { engineProblem, openSqlEngine, type SqlEngine } from "../../tables/sql-engine.ts";
import { sqlSource, tableFormat } from "../../tables/sql-source.ts";
import { plainCell } from "../../tables/sql-table.ts";
import { type ComposeOptions, composeSql, type DerivedSql, type SqlTarget, sourceSql } from "./compose-sql.ts";
import { type SampleTable, sampleTable } from "./sample-rows.ts";

export interface ParityOptions {
  readonly target: SqlTarget;
  readonly service: PredictionService;
  readonly dialect: ComposeOptions["dialect"];
  /** Rows of the user's; null: rows are made. */
  readonly file: string | null;
  /** In DuckDB's dialect, for the rows that the model is asked; and in that of the query. */
  readonly own: DerivedSql;
  readonly derived: DerivedSql;
  readonly signal: AbortSignal;
}

export interface ParityResult {
  readonly rows: number;
  /** Of these without an answer, on both sides. */
  readonly refused: number;
}

const rowColumn = "trimaran row";
const table = "trimaran_rows";
const mostFileRows = 20_000;
const none: DerivedSql = { derive: [], where: null };

/** @throws SQL_PARITY, SQL_ROWS, TABLE_* */
export async function assertParity(options: ParityOptions): Promise<ParityResult> {
  const { target, service, dialect, file, signal } = options;
  await using engine = await openSqlEngine(file === null ? [] : [file]);
  const stop = (): void => engine.connection.interrupt();
  signal.addEventListener("abort", stop, { once: true });
  try {
    if (file === null) await createSample(engine, sampleTable(target.graph, target.deployment));
    else await createFrom(engine, file);
    const [own, derived] = file === null ? [none, none] : [options.own, options.derived];
    const names = inputNames(service, target);
    const asked = await rowsOf(engine, { names, own, file });
    if (asked.length === 0) {
      const name = file === null ? "the sample" : basename(file);
      throw trimaranError("SQL_ROWS", { name, problem: "no row is left, so nothing would be compared" });
    }
    const composed = composeSql(parityTarget(target), { dialect, table, keep: [rowColumn], derived });
    const found = await queried(engine, composed.text, file);
    const expected = await answersOf(service, asked, target.methods);
    return compare({ asked, expected, found, answers: composed.answers, tolerance: composed.tolerance });
  } finally {
    signal.removeEventListener("abort", stop);
    signal.throwIfAborted();
  }
}

/** Without what the definition writes: only answers are compared. */
function parityTarget(target: SqlTarget): SqlTarget {
  if (target.deployment === null) return target;
  return { ...target, deployment: { ...target.deployment, batch: null } };
}

function inputNames(service: PredictionService, { deployment }: SqlTarget): readonly string[] {
  if (deployment !== null) return Object.keys(deployment.input);
  const { input } = service;
  return input.kind === "records" ? input.features.map(({ name }) => name) : input.columns.map(({ name }) => name);
}

async function createSample({ connection }: SqlEngine, { columns, rows }: SampleTable): Promise<void> {
  const types = columns.map(({ name, type }) => `${sqlName(name, "duckdb")} ${type}`);
  await connection.run(`CREATE TABLE ${table} (${[...types, `"${rowColumn}" BIGINT`].join(", ")})`);
  const cell = (value: string | number | boolean | null): string => {
    if (value === null) return "NULL";
    if (typeof value === "string") return value.isWellFormed() ? sqlText(value, "duckdb") : "NULL";
    if (typeof value === "boolean") return String(value);
    return Number.isNaN(value) ? "'NaN'::DOUBLE" : numberText(value, "duckdb");
  };
  for (let at = 0; at < rows.length; at += 500) {
    const part = rows.slice(at, at + 500).map((row, index) => `(${[...row.map(cell), at + index].join(", ")})`);
    await connection.run(`INSERT INTO ${table} VALUES ${part.join(",\n")}`);
  }
}

async function createFrom(engine: SqlEngine, file: string): Promise<void> {
  const { lines, own } = await sqlSource(engine, { files: [file], format: tableFormat(file), texts: [] });
  if (own.has(rowColumn)) {
    throw trimaranError("SQL_ROWS", { name: basename(file), problem: `it has a column ${JSON.stringify(rowColumn)}` });
  }
  const sample = `SELECT *, row_number() OVER () - 1 AS "${rowColumn}" FROM ${lines}`;
  try {
    await engine.connection.run(
      `CREATE TABLE ${table} AS SELECT * FROM (${sample}) USING SAMPLE reservoir(${mostFileRows} ROWS) REPEATABLE (42)`,
    );
  } catch (cause) {
    throw trimaranError("SQL_ROWS", { name: basename(file), problem: engineProblem(cause) }, { cause });
  }
}

interface AskedRow {
  readonly place: number;
  readonly row: Readonly<Record<string, unknown>>;
}

async function rowsOf(
  { connection }: SqlEngine,
  { names, own, file }: { readonly names: readonly string[]; readonly own: DerivedSql; readonly file: string | null },
): Promise<readonly AskedRow[]> {
  const columns = names.map((name) => sqlName(name, "duckdb"));
  const query = `SELECT ${[`"${rowColumn}"`, ...columns].join(", ")} FROM ${sourceSql(table, own, "duckdb")} ORDER BY "${rowColumn}"`;
  try {
    const read = await connection.runAndReadAll(query);
    const types = read.columnTypes().map(String);
    return read.getRowsJS().map(([place, ...cells]) => ({
      place: Number(place),
      row: Object.fromEntries(names.map((name, at) => [name, askedCell(cells[at], types[at + 1] === "DATE")])),
    }));
  } catch (cause) {
    const name = file === null ? "the sample" : basename(file);
    throw trimaranError("SQL_ROWS", { name, problem: engineProblem(cause) }, { cause });
  }
}

/** A NaN in a table is a missing cell, as it is for `trimaran score`. */
function askedCell(cell: unknown, isDate: boolean): unknown {
  return Number.isNaN(cell) ? null : plainCell(cell, isDate);
}

async function queried(
  { connection }: SqlEngine,
  query: string,
  file: string | null,
): Promise<ReadonlyMap<number, readonly unknown[]>> {
  try {
    const read = await connection.runAndReadAll(query);
    const rows = read.getRowsJS();
    const names = read.columnNames();
    const place = names.indexOf(rowColumn);
    return new Map(rows.map((row) => [Number(row[place]), row.slice(place + 1)]));
  } catch (cause) {
    const name = file === null ? "the sample" : basename(file);
    throw trimaranError("SQL_ROWS", { name, problem: engineProblem(cause) }, { cause });
  }
}

type Answer = Readonly<Record<string, unknown>> | null;

async function answersOf(
  service: PredictionService,
  asked: readonly AskedRow[],
  methods: readonly string[],
): Promise<readonly Answer[]> {
  const { deployment } = service;
  const rows = asked.map(({ row }) => (deployment === null ? row : withoutAbsent(row, deployment.input)));
  const options = { unknownFields: "ignore" as const, ...(deployment === null ? { methods } : {}) };
  const input =
    deployment === null && service.input.kind !== "records" && !service.input.named
      ? rows.map((row) => Object.values(row))
      : rows;
  try {
    const answers = await service.answer(input, options);
    const refused = new Set(answers.issues.map((issue) => issue.row));
    return input.map((_, at) => (refused.has(at) ? null : answers.value(at)));
  } catch (error) {
    // One answer beyond the definition's output fails all: they are asked one by one.
    if (!isTrimaranError(error) || error.code !== "DEFINITION_OUTPUT" || rows.length <= 1) {
      if (isTrimaranError(error) && error.code === "DEFINITION_OUTPUT") return [null];
      throw error;
    }
    const made: Answer[] = [];
    for (const each of asked) made.push(...(await answersOf(service, [each], methods)));
    return made;
  }
}

/** An empty cell of a field that may be left out is left out. */
function withoutAbsent(row: Readonly<Record<string, unknown>>, input: Schema): Readonly<Record<string, unknown>> {
  const kept = Object.entries(row).filter(([name, cell]) => {
    const spec = input[name]?.spec;
    return cell !== null || spec === undefined || spec.nullable || spec.presence === "required";
  });
  return Object.fromEntries(kept);
}

interface Comparison {
  readonly asked: readonly AskedRow[];
  readonly expected: readonly Answer[];
  readonly found: ReadonlyMap<number, readonly unknown[]>;
  readonly answers: readonly { readonly name: string; readonly method: string; readonly part: number | null }[];
  readonly tolerance: SqlTolerance;
}

function compare({ asked, expected, found, answers, tolerance }: Comparison): ParityResult {
  let refused = 0;
  let differing = 0;
  let first: { readonly column: string; readonly row: number } | null = null;
  for (const [at, { place }] of asked.entries()) {
    const row = found.get(place);
    const answer = expected[at] ?? null;
    if (answer === null) refused++;
    const wrong = answers.find(({ name, method, part }, column) => {
      const value = answer === null ? null : (answer[name] ?? answer[method]);
      const own = part === null ? value : (value as readonly unknown[] | null)?.[part];
      return row === undefined || !isSame(own ?? null, row[column] ?? null, tolerance);
    });
    if (wrong === undefined) continue;
    differing++;
    first ??= { column: wrong.name, row: place };
  }
  if (found.size !== asked.length) {
    differing = Math.max(differing, 1);
    first ??= { column: "the number of rows", row: found.size };
  }
  if (first === null) return { rows: asked.length, refused };
  throw trimaranError("SQL_PARITY", { differing, rows: asked.length, ...first });
}

/** Infinities come as texts, NaN as null. */
function isSame(expected: unknown, found: unknown, tolerance: SqlTolerance): boolean {
  const left = plainAnswer(expected);
  const right = plainAnswer(found);
  if (typeof left !== "number" || typeof right !== "number") return left === right;
  if (left === right) return true;
  // A float32 of ours may be printed by its own shortest digits.
  if (tolerance.relative === 0) return false;
  if (Math.fround(left) === right) return true;
  const { relative, absolute } = tolerance;
  // PostgreSQL cannot say the smallest numbers; they are 0 there.
  return Math.abs(left - right) <= relative * Math.max(Math.abs(left), Math.abs(right)) + Math.max(absolute, 1e-290);
}

function plainAnswer(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value === "number") return Number.isNaN(value) ? null : value;
  if (value === "Infinity") return Number.POSITIVE_INFINITY;
  return value === "-Infinity" ? Number.NEGATIVE_INFINITY : value;
}
