// Parquet, CSV and NDJSON files as what stands behind FROM in DuckDB's SQL, with the types of their columns.
import { extname } from "node:path";
import { type TrimaranError, trimaranError } from "../base/errors.ts";
import { engineProblem, type SqlEngine, sqlName, sqlText } from "./sql-engine.ts";

const readers: Readonly<Record<string, TableFormat>> = {
  ".parquet": "parquet",
  ".csv": "csv",
  ".ndjson": "ndjson",
  ".jsonl": "ndjson",
};

export type TableFormat = "parquet" | "csv" | "ndjson";

/** @throws TABLE_FORMAT */
export function tableFormat(file: string): TableFormat {
  const extension = extname(file).toLowerCase();
  const format = readers[extension];
  if (format === undefined) throw trimaranError("TABLE_FORMAT", { name: file, extension: extension || "nothing" });
  return format;
}

export interface SourceFiles {
  readonly files: readonly string[];
  readonly format: TableFormat;
  /** Columns of CSV and NDJSON that stay text. */
  readonly texts: readonly string[];
  /** @default what the names end in */
  readonly compression?: "none" | "gzip" | "zstd";
}

export interface SqlSource {
  /** What stands behind FROM. */
  readonly lines: string;
  readonly own: ReadonlyMap<string, string>;
}

/** @throws TABLE_READ */
export async function sqlSource(engine: SqlEngine, source: SourceFiles): Promise<SqlSource> {
  const { files, format, texts } = source;
  const list = `[${files.map(sqlText).join(", ")}]`;
  const describeLines = (lines: string): Promise<ReadonlyMap<string, string>> =>
    describe(engine, lines, (cause) => unreadable(files, cause));
  if (format === "csv") return csvSource(engine, source, describeLines);
  const packed = compressionOption(source);
  const reader =
    format === "parquet" ? `read_parquet(${list}` : `read_json(${list}, ${jsonOptions}${packed}, sample_size = -1`;
  const lines = `${reader}, union_by_name = true)`;
  const own = await describeLines(lines);
  const isTyped = format === "parquet" || texts.every((name) => (own.get(name) ?? "VARCHAR") === "VARCHAR");
  if (isTyped) return { lines, own };
  const typed = new Map([...own].map(([name, type]) => [name, texts.includes(name) ? "VARCHAR" : type]));
  return { lines: `read_json(${list}, ${jsonOptions}${packed}, columns = ${typesText(typed)})`, own: typed };
}

const jsonOptions = "format = 'newline_delimited', records = true, ignore_errors = true";
const csvOptions = "header = true, delim = ',', sample_size = -1, ignore_errors = true, store_rejects = true";

/** File by file, as DuckDB tells of broken lines only so. */
async function csvSource(
  engine: SqlEngine,
  source: SourceFiles,
  describeLines: (lines: string) => Promise<ReadonlyMap<string, string>>,
): Promise<SqlSource> {
  const { files, texts } = source;
  const packed = compressionOption(source);
  const parts: string[] = [];
  for (const file of files) {
    const read = (typed: Iterable<string>): string => {
      const types = new Map([...typed].map((name) => [name, "VARCHAR"]));
      return `read_csv(${sqlText(file)}, ${csvOptions}${packed}${types.size === 0 ? "" : `, types = ${typesText(types)}`})`;
    };
    const own = await describeLines(read([]));
    const told = new Set(texts.filter((name) => own.has(name)));
    const flags = [...own].flatMap(([name, type]) => (type === "BOOLEAN" && !told.has(name) ? [name] : []));
    for (const name of await wordsAmong(engine, flags, read([...told, ...flags]))) told.add(name);
    parts.push(`SELECT * FROM ${read(told)}`);
  }
  const lines = `(${parts.join(" UNION ALL BY NAME ")})`;
  return { lines, own: await describeLines(lines) };
}

function compressionOption({ format, compression }: SourceFiles): string {
  if (compression === undefined) return "";
  // Its two readers call nothing by two names.
  const name = compression === "none" && format === "ndjson" ? "uncompressed" : compression;
  return `, compression = ${sqlText(name)}`;
}

/** DuckDB takes yes and no, t and f for booleans; they are words. Gives the columns that hold such. */
async function wordsAmong(
  { connection }: SqlEngine,
  names: readonly string[],
  lines: string,
): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const tests = names.map((name) => `bool_or(lower(trim(${sqlName(name)})) NOT IN ('true', 'false'))`);
  const found = await connection.runAndReadAll(`SELECT ${tests.join(", ")} FROM ${lines}`);
  const [row = []] = found.getRowsJS();
  return names.filter((_, at) => row[at] === true);
}

function typesText(types: ReadonlyMap<string, string>): string {
  return `{${[...types].map(([name, type]) => `${sqlText(name)}: ${sqlText(type)}`).join(", ")}}`;
}

/** A line that is not JSON comes as a row of nulls. */
export function withoutEmpty(lines: string, own: ReadonlyMap<string, string>): string {
  return `(SELECT * FROM ${lines} WHERE ${someCell(own)})`;
}

export function someCell(own: ReadonlyMap<string, string>): string {
  return [...own.keys()].map((name) => `${sqlName(name)} IS NOT NULL`).join(" OR ") || "true";
}

export async function describe(
  { connection }: Pick<SqlEngine, "connection">,
  from: string,
  told: (cause: unknown) => TrimaranError,
): Promise<ReadonlyMap<string, string>> {
  try {
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`);
    return new Map(described.getRowsJS().map(([name, type]) => [String(name), String(type)]));
  } catch (cause) {
    throw told(cause);
  }
}

export function unreadable(files: readonly string[], cause: unknown): TrimaranError {
  const message = cause instanceof Error ? cause.message : "";
  const name = files.find((file) => message.includes(file)) ?? files[0] ?? "";
  return trimaranError("TABLE_READ", { name, problem: engineProblem(cause) }, { cause });
}

export function sqlError(part: string, cause: unknown, columns: ReadonlyMap<string, string>): TrimaranError {
  const slots = { part, problem: engineProblem(cause), columns: [...columns.keys()].join(", ") };
  return trimaranError("TABLE_SQL", slots, { cause });
}
