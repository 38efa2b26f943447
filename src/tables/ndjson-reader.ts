// NDJSON → rows: one JSON value a line (UTF-8, LF or CRLF, a byte order mark at the start is skipped). A line that is no
// JSON is an error in its place, so that row i is always line i. What one chunk holds is given at once: a slow pipe is answered
// line by line.
import { isUtf8 } from "node:buffer";
import { type TrimaranError, trimaranError } from "../base/errors.ts";
import { describeJsonFault } from "../base/json-fault.ts";
import { BatchBuilder, type ByteChunks, defaultBatchRows, type RowBatch } from "./row-batch.ts";

export interface NdjsonReaderOptions {
  /** A longer line is skipped and gives an error. @default 16777216 (16 MiB) */
  readonly maxLineBytes?: number;
  /** @default 2000 */
  readonly batchRows?: number;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

export async function* readNdjson(chunks: ByteChunks, options: NdjsonReaderOptions = {}): AsyncGenerator<RowBatch> {
  const maxLineBytes = options.maxLineBytes ?? 16 << 20;
  const batchRows = options.batchRows ?? defaultBatchRows;
  const batch = new BatchBuilder();
  const pending = new PendingLine(maxLineBytes);
  let line = 0;
  const addLine = (bytes: Buffer | null): void => {
    line++;
    const row = bytes === null ? trimaranError("ROW_TOO_LONG", { line, limit: maxLineBytes }) : parseLine(bytes, line);
    if (row instanceof Error) batch.addBroken(row);
    else batch.add(row.value);
  };
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, start)) {
      addLine(pending.finish(bytes.subarray(start, end)));
      start = end + 1;
      if (batch.length >= batchRows) yield batch.take();
    }
    pending.add(bytes.subarray(start));
    if (batch.length > 0) yield batch.take();
  }
  if (!pending.isEmpty) addLine(pending.finish(Buffer.alloc(0)));
  if (batch.length > 0) yield batch.take();
}

/** The beginning of a line whose end has not come yet. Of one that is too long nothing is kept. */
class PendingLine {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  add(part: Buffer): void {
    if (part.length === 0) return;
    this.#bytes += part.length;
    if (this.#bytes > this.#maxBytes) this.#parts = [];
    else this.#parts.push(part);
  }

  /** The whole line, or null when it was too long. */
  finish(end: Buffer): Buffer | null {
    if (this.#bytes === 0) return end.length > this.#maxBytes ? null : end;
    this.add(end);
    const line = this.#bytes > this.#maxBytes ? null : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    return line;
  }
}

function parseLine(bytes: Buffer, line: number): { readonly value: unknown } | TrimaranError {
  const end = bytes.length > 0 && bytes[bytes.length - 1] === carriageReturn ? bytes.length - 1 : bytes.length;
  const hasMark = line === 1 && bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const sound = bytes.subarray(hasMark ? 3 : 0, end);
  const text = sound.toString("utf8");
  // The replacement character stands for every byte that is not UTF-8, but may also be meant.
  if (text.includes("\ufffd") && !isUtf8(sound)) {
    return trimaranError("ROW_NOT_JSON", { line, problem: "its bytes are not UTF-8" });
  }
  try {
    return { value: parseExact(text) };
  } catch {
    // V8's own message quotes the line, so it is not passed on.
    return trimaranError("ROW_NOT_JSON", { line, problem: faultOf(text) });
  }
}

/** JSON where whole numbers beyond 2^53 stay exact, as bigint. */
export function parseExact(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  return JSON.parse(text, exactNumber);
}

const exactNumber = (_: string, value: unknown, context?: { readonly source?: string }): unknown => {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && /^-?\d{16,}$/.test(source) ? BigInt(source) : value;
};

function faultOf(text: string): string {
  try {
    return describeJsonFault(text).replace(" at line 1, column ", " at column ");
  } catch {
    return "it is nested too deep";
  }
}
