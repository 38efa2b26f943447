// CSV and NDJSON as Parquet: parsed once, by DuckDB, so that what follows can begin anywhere in it. Lines that are no rows are told.
import { createReadStream } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { allDone } from "../base/all-done.ts";
import { openSqlEngine, type SqlEngine, sqlText } from "./sql-engine.ts";
import { describe, sqlSource, unreadable, withoutEmpty } from "./sql-source.ts";
import { type Packing, unpackedFile } from "./unpacked-file.ts";

export interface TextTable {
  readonly path: string;
  readonly format: "csv" | "ndjson";
  /** @default none */
  readonly compression?: Packing;
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

export interface ConvertedText {
  /** Lines that could not be read, in order. */
  readonly broken: readonly BrokenLine[];
  /** Columns whose cells are of several types: each cell is its JSON text. */
  readonly json: readonly string[];
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
 * Writes the Parquet file, and says what is not in it as it was.
 * @throws TABLE_ENGINE, TABLE_READ, and what writing the file throws
 */
export async function textToParquet(table: TextTable, options: TextToParquet): Promise<ConvertedText> {
  const { path, format, compression, texts } = table;
  const { output, folder, threads, memoryBytes, signal } = options;
  await using engine = await openSqlEngine([path], { folder, threads, memoryBytes });
  const stop = (): void => engine.connection.interrupt();
  signal.addEventListener("abort", stop, { once: true });
  try {
    signal.throwIfAborted();
    const packed: "none" | "gzip" | "zstd" = compression === undefined ? "none" : packings[compression];
    const convert = async (file: string, compressed: typeof packed): Promise<readonly string[]> => {
      const { lines, own } = await sqlSource(engine, { files: [file], format, texts, compression: compressed });
      const from = format === "csv" ? lines : withoutEmpty(lines, own);
      await describe(engine, from, (cause) => unreadable([file], cause));
      await engine.connection.run(`COPY (SELECT * FROM ${from}) TO ${sqlText(output)} (FORMAT parquet)`);
      return [...own].flatMap(([name, type]) => (type === "JSON" ? [name] : []));
    };
    if (format === "csv") {
      const [, json] = await allDone([assertWhole(table, stop), convert(path, packed)]);
      return { broken: await brokenCsv(engine), json };
    }
    // DuckDB leaves lines out that are not JSON, but gives up at one that is JSON and no object.
    const broken = await brokenJson(table);
    if (!broken.some(({ code }) => code === "not_an_object")) return { broken, json: await convert(path, packed) };
    const objects = `${output}.objects.ndjson`;
    await writeFile(objects, objectLines(table));
    return { broken, json: await convert(objects, "none").finally(() => rm(objects, { force: true })) };
  } catch (cause) {
    await rm(output, { force: true });
    if (signal.aborted) throw signal.reason;
    throw cause;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** DuckDB takes a packed file that is cut off or damaged for one that ends there. @throws TABLE_READ */
async function assertWhole({ path, compression }: TextTable, onFault: () => void): Promise<void> {
  if (compression === undefined) return;
  try {
    for await (const _ of unpackedFile(path, compression));
  } catch (cause) {
    onFault();
    throw cause;
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
async function brokenJson(table: TextTable): Promise<readonly BrokenLine[]> {
  const broken: BrokenLine[] = [];
  let line = 0;
  for await (const text of linesOf(table)) {
    line++;
    const problem = jsonProblem(text);
    if (problem !== null) broken.push({ line, ...problem, text });
  }
  return broken;
}

async function* objectLines(table: TextTable): AsyncGenerator<string> {
  let block = "";
  for await (const text of linesOf(table)) {
    if (jsonProblem(text) !== null) continue;
    block += `${text}\n`;
    if (block.length < 1 << 16) continue;
    yield block;
    block = "";
  }
  yield block;
}

function linesOf({ path, compression }: TextTable): AsyncIterable<string> {
  const input = compression === undefined ? createReadStream(path) : Readable.from(unpackedFile(path, compression));
  return createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
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
