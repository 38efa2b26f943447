// A record of plain values and typed arrays ⇄ bytes. All numbers are little-endian.
//
//   file     = preamble, table, text, padding to 64, (array, padding to 64)*
//   preamble = magic of 8 bytes, u32 version, u32 kind, u32 arrays, u32 textBytes, f64 fileBytes, u32 checksum of table + text,
//              u32 0, zeros up to byte 60, u32 checksum of the 60 bytes before it             64 bytes
//   table    = an array each: u32 type, u32 checksum of its bytes, f64 offset, f64 bytes      24 bytes
//   text     = UTF-8 JSON (value-text.ts)
//
// Arrays lie in order without gaps, each at a multiple of 64, and padding is zero: a file has exactly one form, and any change
// of it is found.
import { isTrimaranError, type TrimaranError, trimaranError } from "../../base/errors.ts";
import { checksum } from "./checksum.ts";
import { type StoredArray, textToValue, valueToText } from "./value-text.ts";

export type ContainerKind = "model" | "prepared";

export interface ContainerHeader {
  readonly kind: ContainerKind;
  readonly fileBytes: number;
  /** Where the text ends: all that must be read to know where the arrays lie. */
  readonly headBytes: number;
  readonly arrays: readonly ArrayPlace[];
}

export interface ArrayPlace {
  readonly type: number;
  readonly checksum: number;
  readonly offset: number;
  readonly bytes: number;
}

export const preambleBytes = 64;
const entryBytes = 24;
const version = 1;
const maxArrays = 1_000_000;
const maxTextBytes = 2 ** 28;
const kinds: readonly ContainerKind[] = ["model", "prepared"];
const magic = [0x89, 0x54, 0x52, 0x49, 0x4d, 0x0d, 0x0a, 0x1a];
const makers = [Float64Array, Float32Array, Int32Array, Uint32Array, Uint8Array, Uint16Array] as const;

interface ArrayMaker {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, offset: number, length: number): StoredArray;
}

export function isContainer(bytes: Uint8Array): boolean {
  return magic.every((byte, at) => bytes[at] === byte);
}

/** The pieces of a file in order; their total length is the file's. @throws GRAPH_VALUE for what is no plain value */
export function containerPieces(kind: ContainerKind, value: unknown): readonly Uint8Array[] {
  const numbers = new Map<StoredArray, number>();
  const text = new TextEncoder().encode(
    valueToText(value, (array) => {
      const number = numbers.get(array) ?? numbers.size;
      numbers.set(array, number);
      return number;
    }),
  );
  if (text.length > maxTextBytes || numbers.size > maxArrays) {
    throw trimaranError("GRAPH_VALUE", { what: "more names than a graph file holds" });
  }
  const headBytes = preambleBytes + numbers.size * entryBytes + text.length;
  const head = new Uint8Array(toLine(headBytes));
  const view = new DataView(head.buffer);
  const pieces: Uint8Array[] = [head];
  let offset = head.length;
  let at = preambleBytes;
  for (const array of numbers.keys()) {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    view.setUint32(at, typeNumber(array), true);
    view.setUint32(at + 4, checksum(aligned), true);
    view.setFloat64(at + 8, offset, true);
    view.setFloat64(at + 16, bytes.length, true);
    pieces.push(bytes, new Uint8Array(toLine(bytes.length) - bytes.length));
    offset += toLine(bytes.length);
    at += entryBytes;
  }
  head.set(text, at);
  head.set(magic);
  view.setUint32(8, version, true);
  view.setUint32(12, kinds.indexOf(kind), true);
  view.setUint32(16, numbers.size, true);
  view.setUint32(20, text.length, true);
  view.setFloat64(24, offset, true);
  view.setUint32(32, checksum(head.subarray(preambleBytes, headBytes)), true);
  view.setUint32(60, checksum(head.subarray(0, 60)), true);
  return pieces;
}

export function joinPieces(pieces: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

/** How many bytes of the file its head takes, told by the first 64. @throws FORMAT_DAMAGED, GRAPH_VERSION */
export function headLength(preamble: Uint8Array, name: string): number {
  if (preamble.length < preambleBytes || !isContainer(preamble)) throw damaged(name, "its beginning is not whole", 0);
  const start = preamble.slice(0, preambleBytes);
  const view = new DataView(start.buffer);
  if (checksum(start.subarray(0, 60)) !== view.getUint32(60, true)) throw damaged(name, "its checksum differs", 0);
  const written = view.getUint32(8, true);
  if (written !== version) throw trimaranError("GRAPH_VERSION", { name, version: written, known: version });
  if (start.subarray(36, 60).some((byte) => byte !== 0)) throw damaged(name, "its beginning is not known", 36);
  const arrays = view.getUint32(16, true);
  const textBytes = view.getUint32(20, true);
  if (arrays > maxArrays) throw limit(name, "arrays", maxArrays);
  if (textBytes > maxTextBytes) throw limit(name, "text", maxTextBytes);
  return toLine(preambleBytes + arrays * entryBytes + textBytes);
}

/** Of the head alone: the first `headLength` bytes of a file. @throws FORMAT_DAMAGED, FORMAT_LIMIT, GRAPH_VERSION */
export function readHeader(given: Uint8Array, name: string): ContainerHeader {
  const headEnd = headLength(given, name);
  if (given.length < headEnd) throw damaged(name, "it ends in its head", given.length);
  const head = given.slice(0, headEnd);
  const view = new DataView(head.buffer);
  const count = view.getUint32(16, true);
  const headBytes = preambleBytes + count * entryBytes + view.getUint32(20, true);
  if (checksum(head.subarray(preambleBytes, headBytes)) !== view.getUint32(32, true)) {
    throw damaged(name, "the checksum of its head differs", preambleBytes);
  }
  if (head.subarray(headBytes).some((byte) => byte !== 0)) throw damaged(name, "its padding is not empty", headBytes);
  const kind = kinds[view.getUint32(12, true)];
  if (kind === undefined) throw damaged(name, "its kind is not known", 12);
  const arrays: ArrayPlace[] = [];
  let offset = headEnd;
  for (let number = 0; number < count; number++) {
    const at = preambleBytes + number * entryBytes;
    const type = view.getUint32(at, true);
    const bytes = view.getFloat64(at + 16, true);
    const size = makers[type]?.BYTES_PER_ELEMENT;
    const isSound = size !== undefined && Number.isSafeInteger(bytes) && bytes >= 0 && bytes % size === 0;
    if (!isSound || view.getFloat64(at + 8, true) !== offset)
      throw damaged(name, "its table of arrays is not sound", at);
    arrays.push({ type, checksum: view.getUint32(at + 4, true), offset, bytes });
    offset += toLine(bytes);
  }
  if (view.getFloat64(24, true) !== offset) throw damaged(name, "its table of arrays is not sound", 24);
  return { kind, fileBytes: offset, headBytes, arrays };
}

export interface ContainerParts {
  readonly head: Uint8Array;
  readonly header: ContainerHeader;
  /** The bytes of each array, wherever they lie: in the file, in memory that threads share. At multiples of 8. */
  readonly arrays: readonly Uint8Array[];
}

/** @throws FORMAT_DAMAGED */
export function readParts({ head, header, arrays: parts }: ContainerParts, name: string): unknown {
  const arrays = header.arrays.map((place, at): StoredArray => {
    const bytes = parts[at];
    if (bytes?.length !== place.bytes || checksum(bytes) !== place.checksum) {
      throw damaged(name, "the checksum of an array differs", place.offset);
    }
    const Maker: ArrayMaker = makers[place.type] ?? Uint8Array;
    return new Maker(bytes.buffer, bytes.byteOffset, place.bytes / Maker.BYTES_PER_ELEMENT);
  });
  const from = preambleBytes + arrays.length * entryBytes;
  try {
    return textToValue(new TextDecoder("utf-8", { fatal: true }).decode(head.slice(from, header.headBytes)), arrays);
  } catch (cause) {
    if (isTrimaranError(cause)) throw cause;
    throw damaged(
      name,
      cause instanceof Error && !(cause instanceof SyntaxError) ? cause.message : "it is not JSON",
      from,
    );
  }
}

/** Arrays are views of `given` where they can be. @throws FORMAT_DAMAGED, FORMAT_LIMIT, GRAPH_VERSION */
export function readContainer(
  given: Uint8Array,
  name: string,
): { readonly kind: ContainerKind; readonly value: unknown } {
  const header = readHeader(given, name);
  if (given.length !== header.fileBytes) throw damaged(name, `it should hold ${header.fileBytes} bytes`, given.length);
  const bytes = given.byteOffset % 8 === 0 ? given : given.slice();
  for (const { offset, bytes: length } of header.arrays) {
    const end = offset + length;
    if (bytes.subarray(end, toLine(end)).some((byte) => byte !== 0))
      throw damaged(name, "its padding is not empty", end);
  }
  const arrays = header.arrays.map(({ offset, bytes: length }) => bytes.subarray(offset, offset + length));
  return { kind: header.kind, value: readParts({ head: bytes, header, arrays }, name) };
}

function typeNumber(array: StoredArray): number {
  return makers.findIndex((Maker) => array instanceof Maker);
}

function toLine(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

function damaged(name: string, problem: string, offset: number): TrimaranError {
  return trimaranError("FORMAT_DAMAGED", { name, problem, offset });
}

function limit(name: string, what: string, max: number): TrimaranError {
  return trimaranError("FORMAT_LIMIT", { name, limit: what, max, problem: "its head says that there is more" });
}
