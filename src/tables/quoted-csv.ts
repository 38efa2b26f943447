// CSV as databases and we pass it on: no header, every value in quotes, null as \N without; so that no text is taken for a null, nor
// for a number that it is not.
import { rm } from "node:fs/promises";
import { trimaranError } from "../base/errors.ts";
import { engineProblem, openSqlEngine, sqlName, sqlText } from "./sql-engine.ts";

export interface QuotedColumn {
  readonly name: string;
  /** DuckDB's. */
  readonly type: string;
  /** What the text is, where it is not of that type as it stands: `VARCHAR` of a list that comes as JSON. */
  readonly textType?: string;
}

export interface QuotedCsv {
  readonly path: string;
  readonly columns: readonly QuotedColumn[];
  /** For messages. */
  readonly name: string;
}

export interface QuotedCsvOptions {
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Equal rows give equal bytes. @throws TABLE_READ */
export async function quotedCsvToParquet(csv: QuotedCsv, output: string, options: QuotedCsvOptions): Promise<void> {
  const { path, columns, name } = csv;
  const { folder, signal } = options;
  // One thread: the order of the rows, and of the groups, is that of the file.
  await using engine = await openSqlEngine([path], { folder, threads: 1, memoryBytes: 256 * 2 ** 20 });
  const stop = (): void => engine.connection.interrupt();
  signal.addEventListener("abort", stop, { once: true });
  const types = columns.map(({ type, textType = type }, at) => `c${at}: ${sqlText(textType)}`).join(", ");
  const picked = columns.map(({ name: column, type, textType }, at) => {
    const cell = textType === undefined ? `c${at}` : `CAST(CAST(c${at} AS JSON) AS ${type})`;
    return `${cell} AS ${sqlName(column)}`;
  });
  const reader = `read_csv(${sqlText(path)}, header = false, auto_detect = false, delim = ',', quote = '"', escape = '"', ${nulls}, columns = {${types}}, max_line_size = 8388608)`;
  try {
    signal.throwIfAborted();
    await engine.connection.run(
      `COPY (SELECT ${picked.join(", ")} FROM ${reader}) TO ${sqlText(output)} (FORMAT parquet)`,
    );
  } catch (cause) {
    await rm(output, { force: true });
    signal.throwIfAborted();
    throw trimaranError("TABLE_READ", { name, problem: engineProblem(cause) }, { cause });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

const nulls = "nullstr = '\\N', allow_quoted_nulls = false";

/** A line of such a file. */
export function quotedLine(cells: readonly (string | null)[]): string {
  return `${cells.map((cell) => (cell === null ? "\\N" : `"${cell.replaceAll('"', '""')}"`)).join(",")}\n`;
}

export interface ParquetColumns {
  readonly path: string;
  /** SQL over the columns of the file, one a column of the CSV. */
  readonly cells: readonly string[];
}

/** Rows of a Parquet file as such a file, in order. @throws TABLE_READ */
export async function parquetToQuotedCsv(
  { path, cells }: ParquetColumns,
  output: string,
  folder: string,
): Promise<void> {
  await using engine = await openSqlEngine([path], { folder, threads: 1, memoryBytes: 256 * 2 ** 20 });
  const rows = `SELECT ${cells.join(", ")} FROM read_parquet(${sqlText(path)}, hive_partitioning = false)`;
  const form = "FORMAT csv, HEADER false, NULLSTR '\\N', FORCE_QUOTE *";
  await engine.connection.run(`COPY (${rows}) TO ${sqlText(output)} (${form})`);
}
