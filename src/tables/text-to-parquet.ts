// CSV and NDJSON as Parquet: parsed once, by DuckDB, so that what follows can begin anywhere in it. Lines that are no rows are told.
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { openSqlEngine, type SqlEngine, sqlText } from "./sql-engine.ts";
import { describe, sqlSource, unreadable, withoutEmpty } from "./sql-source.ts";

export interface TextTable {
  readonly path: string;
  readonly format: "csv" | "ndjson";
  /** @default none */
  readonly compression?: "gz" | "zst";
  /** Columns that are text whatever they look like. */
  readonly texts: readonly string[];
}

export interface TextToParquet {
  /** Where the Parquet file goes; what does not fit into memory goes beside it. */
  readonly output: string;
  readonly folder: string;
  readonly threads?: number;
  readonly memoryBytes?: number;
  readonly signal: AbortSignal;
}

export interface BrokenLine {
  /** From 1. */
  readonly line: number;
  readonly code: string;
  readonly message: string;
  readonly text: string;
}

const packings = { gz: "gzip", zst: "zstd" } as const;

/**
 * Lines that could not be read, in order.
 * @throws TABLE_ENGINE, TABLE_READ, and what writing the file throws
 */
export async function textToParquet(table: TextTable, options: TextToParquet): Promise<readonly BrokenLine[]> {
  const { path, format, compression, texts } = table;
  const { output, folder, threads, memoryBytes, signal } = options;
  await using engine = await openSqlEngine([path], { folder, threads, memoryBytes });
  const stop = (): void => engine.connection.interrupt();
  signal.addEventListener("abort", stop, { once: true });
  try {
    signal.throwIfAborted();
    const packed = compression === undefined ? ("none" as const) : packings[compression];
    const { lines, own } = await sqlSource(engine, { files: [path], format, texts, compression: packed });
    const from = format === "csv" ? lines : withoutEmpty(lines, own);
    await describe(engine, from, (cause) => unreadable([path], cause));
    await engine.connection.run(`COPY (SELECT * FROM ${from}) TO ${sqlText(output)} (FORMAT parquet)`);
    return format === "csv" ? await brokenCsv(engine) : await brokenJson(table);
  } catch (cause) {
    await rm(output, { force: true });
    if (signal.aborted) throw signal.reason;
    throw cause;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Of the last pass, as each pass over the file tells them anew. */
async function brokenCsv({ connection }: SqlEngine): Promise<readonly BrokenLine[]> {
  const last = "(SELECT max(scan_id) FROM reject_errors)";
  const rows = await connection.runAndReadAll(
    `SELECT line, min(error_type::VARCHAR), any_value(csv_line) FROM reject_errors WHERE scan_id = ${last} GROUP BY line ORDER BY line`,
  );
  return rows.getRowsJS().map(([line, fault, text]) => ({
    line: Number(line),
    code: String(fault)
      .toLowerCase()
      .replaceAll(/[^a-z]+/g, "_"),
    message: `the line cannot be read: ${String(fault).toLowerCase()}`,
    text: String(text ?? ""),
  }));
}

/** A pass of its own, in constant memory: DuckDB does not tell the lines. */
async function brokenJson({ path, compression }: TextTable): Promise<readonly BrokenLine[]> {
  const file = createReadStream(path);
  const input =
    compression === "gz" ? file.pipe(createGunzip()) : compression === "zst" ? file.pipe(createZstdDecompress()) : file;
  const broken: BrokenLine[] = [];
  let line = 0;
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    const problem = jsonProblem(text);
    if (problem !== null) broken.push({ line, ...problem, text });
  }
  return broken;
}

function jsonProblem(text: string): { readonly code: string; readonly message: string } | null {
  if (text.trim() === "") return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      const isEmpty = Object.values(value).every((cell) => cell === null);
      return isEmpty ? { code: "empty_row", message: "the row holds nothing" } : null;
    }
  } catch {
    return { code: "not_json", message: "the line is not JSON" };
  }
  return { code: "not_an_object", message: "the line is no JSON object" };
}
