// CSV (RFC 4180, a header row, UTF-8) → rows: an object a row, or an array for models that know their columns by position only.
import { pipeline, Readable } from "node:stream";
import { type CsvError, type Info, parse } from "csv-parse";
import { trimaranError } from "../base/errors.ts";
import { type CellType, readCell } from "./csv-cell.ts";
import { BatchBuilder, type ByteChunks, defaultBatchRows, type RowBatch } from "./row-batch.ts";

export interface CsvColumn {
  readonly type: CellType;
  /** What an empty cell is: null, or a field that was not sent. */
  readonly empty: "null" | "absent";
}

export interface CsvReaderOptions {
  /** Names the file in errors. */
  readonly name: string;
  /** How the cells under a header are read. */
  readonly column: (header: string) => CsvColumn;
  /** Rows as arrays in the order of the header. @default false */
  readonly positional?: boolean;
  /** Bytes of one row. @default 16777216 (16 MiB) */
  readonly maxRowBytes?: number;
  /** @default 2000 */
  readonly batchRows?: number;
}

interface NamedColumn extends CsvColumn {
  readonly name: string;
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: Info;
}

/** @throws TABLE_HEADER, TABLE_CSV; rows with too few or too many cells are errors in their place */
export async function* readCsv(chunks: ByteChunks, options: CsvReaderOptions): AsyncGenerator<RowBatch> {
  const batchRows = options.batchRows ?? defaultBatchRows;
  const batch = new BatchBuilder();
  let columns: readonly NamedColumn[] | null = null;
  let row = 0;
  for await (const { record } of records(chunks, options)) {
    if (columns === null) {
      columns = readHeader(record, options);
      continue;
    }
    row++;
    if (record.length !== columns.length) {
      batch.addBroken(trimaranError("ROW_WIDTH", { row, cells: record.length, columns: columns.length }));
    } else batch.add(options.positional === true ? readCells(record, columns) : readRow(record, columns));
    if (batch.length >= batchRows) yield batch.take();
  }
  if (batch.length > 0) yield batch.take();
}

async function* records(chunks: ByteChunks, options: CsvReaderOptions): AsyncGenerator<CsvRecord> {
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: options.maxRowBytes ?? 16 << 20,
  });
  // Errors of both ends arrive through the iteration below.
  pipeline(Readable.from(chunks, { objectMode: false }), parser, () => {});
  try {
    yield* parser as AsyncIterable<CsvRecord>;
  } catch (cause) {
    const { code, lines } = cause as Partial<CsvError> & { readonly lines?: number };
    if (typeof code !== "string" || !code.startsWith("CSV_")) throw cause;
    throw trimaranError("TABLE_CSV", { name: options.name, problem: problemOf(code), line: lines ?? 1 }, { cause });
  }
}

const problems: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: "a quote is opened and never closed",
  CSV_INVALID_CLOSING_QUOTE: "a closing quote is followed by something else than a comma",
  CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE: "a closing quote is followed by something else than a comma",
  INVALID_OPENING_QUOTE: "a quote stands in the middle of a cell",
  CSV_INVALID_OPENING_QUOTE: "a quote stands in the middle of a cell",
  CSV_MAX_RECORD_SIZE: "a row is too long",
};

function problemOf(code: string): string {
  return problems[code] ?? "it cannot be read";
}

function readHeader(names: readonly string[], options: CsvReaderOptions): readonly NamedColumn[] {
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    const problem =
      name === ""
        ? `column ${index + 1} has no name`
        : seen.has(name)
          ? `${JSON.stringify(name)} stands there twice`
          : null;
    if (problem !== null) throw trimaranError("TABLE_HEADER", { name: options.name, problem });
    seen.add(name);
  }
  return names.map((name) => ({ name, ...options.column(name) }));
}

function readRow(record: readonly string[], columns: readonly NamedColumn[]): Readonly<Record<string, unknown>> {
  const row: Record<string, unknown> = {};
  for (let index = 0; index < columns.length; index++) {
    const { name, type, empty } = columns[index]!;
    const text = record[index]!;
    if (text === "" && empty === "absent") continue;
    if (name === "__proto__") Object.defineProperty(row, name, { value: readCell(text, type), enumerable: true });
    else row[name] = readCell(text, type);
  }
  return row;
}

function readCells(record: readonly string[], columns: readonly NamedColumn[]): readonly unknown[] {
  return record.map((text, index) => readCell(text, columns[index]!.type));
}
