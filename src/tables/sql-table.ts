// Parquet, CSV and NDJSON files as one table, with columns derived from others and a filter, both in SQL; rows in their order, a
// batch at a time.
import { trimaranError } from "../base/errors.ts";
import { deriveAll } from "./sql-derive.ts";
import { openSqlEngine, type SqlEngine, sqlName, sqlText } from "./sql-engine.ts";
import {
  describe,
  someCell,
  sqlError,
  sqlSource,
  type TableFormat,
  tableFormat,
  unreadable,
  withoutEmpty,
} from "./sql-source.ts";

export interface SqlTableOptions {
  /** At least one, all of one format. */
  readonly files: readonly string[];
  /** Column → DuckDB SQL over the files' columns and those derived before it. */
  readonly derive?: Readonly<Record<string, string>>;
  /** Rows for which it is true are kept. */
  readonly where?: string | null;
  /** Columns of CSV and NDJSON that are text whatever they look like. */
  readonly textColumns?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface SqlTable extends AsyncDisposable {
  /** Name → DuckDB's type, `BIGINT`, `TIMESTAMP`; the derived ones last. */
  readonly columns: ReadonlyMap<string, string>;
  /** Rows of the files, filter aside. @throws TABLE_READ */
  count(): Promise<number>;
  /** Rows as arrays in the order of `names`: what JSON can say, and bigints beyond 2^53. @throws TABLE_READ, TABLE_SQL */
  rows(names: readonly string[]): AsyncGenerator<readonly (readonly unknown[])[]>;
  /** Lines of CSV and NDJSON that could not be read in the last pass, by what is wrong with them. */
  rejected(): Promise<ReadonlyMap<string, number>>;
}

/** @throws TABLE_ENGINE, TABLE_FORMAT, TABLE_READ, TABLE_SQL */
export async function openSqlTable(options: SqlTableOptions): Promise<SqlTable> {
  const { files, derive = {}, where = null, signal } = options;
  signal?.throwIfAborted();
  const formats = new Set(files.map(tableFormat));
  const [format = "ndjson"] = formats;
  if (formats.size > 1) {
    throw trimaranError("TABLE_READ", { name: files[0] ?? "", problem: "the files are of several formats" });
  }
  const engine = await openSqlEngine(files);
  try {
    const { lines, own } = await sqlSource(engine, { files, format, texts: options.textColumns ?? [] });
    const source = format === "ndjson" ? withoutEmpty(lines, own) : lines;
    const derived = await deriveAll(engine, { source, own, derive });
    const filtered = where === null ? derived.from : `(SELECT * FROM ${derived.from} WHERE (${where}\n))`;
    const columns = await describe(engine, filtered, (cause) => sqlError("where", cause, derived.columns));
    return tableOver(engine, { files, format, lines, source, filtered, columns, own, signal });
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

interface TablePlan {
  readonly files: readonly string[];
  readonly format: TableFormat;
  /** Everything that the files hold, broken lines included where they can be told. */
  readonly lines: string;
  readonly source: string;
  readonly filtered: string;
  readonly columns: ReadonlyMap<string, string>;
  /** Of the files alone. */
  readonly own: ReadonlyMap<string, string>;
  readonly signal: AbortSignal | undefined;
}

function tableOver(engine: SqlEngine, plan: TablePlan): SqlTable {
  const { connection } = engine;
  const { files, columns, signal } = plan;
  const stop = (): void => connection.interrupt();
  signal?.addEventListener("abort", stop, { once: true });
  let lastScan = -1;
  const failure = (cause: unknown): unknown => {
    if (signal?.aborted) return signal.reason;
    return plan.filtered === plan.source ? unreadable(files, cause) : sqlError("derive or where", cause, columns);
  };
  return {
    columns,
    async count() {
      try {
        return await countOf(engine, plan.lines);
      } catch (cause) {
        throw signal?.aborted ? signal.reason : unreadable(files, cause);
      }
    },
    async *rows(names) {
      const wanted = names.map(sqlName).join(", ");
      lastScan = plan.format === "csv" ? await lastScanOf(engine) : -1;
      try {
        const result = await connection.stream(`SELECT ${wanted} FROM ${plan.filtered}`);
        const isDate = names.map((name) => columns.get(name) === "DATE");
        for await (const rows of result.yieldRowsJs()) {
          signal?.throwIfAborted();
          yield rows.map((row) => row.map((cell, at) => plainCell(cell, isDate[at] === true)));
        }
      } catch (cause) {
        throw failure(cause);
      }
    },
    rejected: () => rejectedLines(engine, plan, lastScan),
    async [Symbol.asyncDispose]() {
      signal?.removeEventListener("abort", stop);
      await engine[Symbol.asyncDispose]();
    },
  };
}

async function countOf({ connection }: SqlEngine, from: string): Promise<number> {
  const counted = await connection.runAndReadAll(`SELECT count(*) FROM ${from}`);
  return Number(counted.getRowsJS()[0]?.[0] ?? 0);
}

/** Of the reads that are over; -1 before the first. */
async function lastScanOf({ connection }: SqlEngine): Promise<number> {
  const found = await connection.runAndReadAll("SELECT max(scan_id) FROM reject_errors").catch(() => null);
  return Number(found?.getRowsJS()[0]?.[0] ?? -1);
}

async function rejectedLines(
  engine: SqlEngine,
  plan: TablePlan,
  lastScan: number,
): Promise<ReadonlyMap<string, number>> {
  if (plan.format === "parquet") return new Map();
  if (plan.format === "ndjson") {
    const empty = await countOf(engine, `${plan.lines} WHERE NOT (${someCell(plan.own)})`);
    const files = plan.files.map(sqlText).join(", ");
    const broken = await countOf(engine, `read_ndjson_objects([${files}], ignore_errors = true) WHERE json IS NULL`);
    const counts: readonly (readonly [string, number])[] = [
      ["not json", broken],
      ["empty row", empty - broken],
    ];
    return new Map(counts.filter(([, count]) => count > 0));
  }
  const lines = "count(DISTINCT (scan_id, file_id, line))";
  const grouped = `SELECT error_type, ${lines} FROM reject_errors WHERE scan_id > ${lastScan} GROUP BY 1 ORDER BY 1`;
  // The table is there once a file of CSV was read.
  const found = await engine.connection.runAndReadAll(grouped).catch(() => null);
  return new Map((found?.getRowsJS() ?? []).map(([fault, count]) => [String(fault), Number(count)]));
}

/** What JSON can say, and bigints beyond 2^53. */
export function plainCell(cell: unknown, isDate: boolean): unknown {
  if (typeof cell === "bigint") return BigInt.asIntN(54, cell) === cell ? Number(cell) : cell;
  if (cell instanceof Date) {
    if (Number.isNaN(cell.getTime())) return null;
    return isDate ? cell.toISOString().slice(0, 10) : cell.toISOString();
  }
  if (Array.isArray(cell)) return cell.map((each) => plainCell(each, false));
  return cell;
}
