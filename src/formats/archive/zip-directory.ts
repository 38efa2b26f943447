// The central directory of a zip file, read from its end.
//
// end (22 bytes + comment): "PK\5\6" · disk u16 · directory disk u16 · entries here u16 · entries u16 · size u32 · start u32 · comment length u16
// zip64 locator (20 bytes before the end): "PK\6\7" · disk u32 · zip64 end offset u64 · disks u32
// zip64 end: "PK\6\6" · size of the rest u64 · versions u16 u16 · disks u32 u32 · entries here u64 · entries u64 · size u64 · start u64
// entry: "PK\1\2" · made by u16 · needed u16 · flags u16 · method u16 · time u16 · date u16 · CRC-32 u32 · packed u32 · size u32 ·
//        name length u16 · extra length u16 · comment length u16 · disk u16 · internal u16 · external u32 · local offset u32 · name · extra · comment
import { ByteCursor } from "../../base/byte-cursor.ts";
import { trimaranError } from "../../base/errors.ts";
import { damaged, lacksFeature, truncated } from "./codec.ts";
import { readZip64, sentinel32 } from "./zip64.ts";

export interface ZipRecord {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  /** Bytes in the file. */
  readonly packed: number;
  /** Bytes after decompression. */
  readonly size: number;
  /** External attributes: a Unix mode in the upper half. */
  readonly attributes: number;
  /** Where the local header begins. */
  readonly localOffset: number;
  /** Where the directory entry begins, for errors. */
  readonly offset: number;
}

export interface ZipDirectory {
  readonly records: readonly ZipRecord[];
  /** Where the directory begins; members lie before it. */
  readonly start: number;
}

const endBytes = 22;
const locatorBytes = 20;
const entryBytes = 46;
const endSignature = 0x06054b50;
const locatorSignature = 0x07064b50;
const zip64EndSignature = 0x06064b50;
const entrySignature = 0x02014b50;

interface DirectoryPlace {
  readonly entries: number;
  readonly size: number;
  readonly start: number;
  /** Where the directory has to end. */
  readonly end: number;
}

export function readDirectory(bytes: Uint8Array, options: { name: string; maxEntries: number }): ZipDirectory {
  const { name, maxEntries } = options;
  const place = findDirectory(bytes, name);
  if (place.start + place.size !== place.end)
    throw damaged(name, "the zip directory is not where it should be", place.end);
  if (place.entries * entryBytes > place.size)
    throw damaged(name, "the zip directory has too many entries", place.start);
  if (place.entries > maxEntries) {
    const problem = "it has more members";
    throw trimaranError("FORMAT_LIMIT", { name, limit: "maxEntries", max: maxEntries, problem });
  }
  const cursor = new ByteCursor(bytes.subarray(0, place.end), name, place.start);
  const records = Array.from({ length: place.entries }, () => readEntry(cursor));
  if (cursor.offset !== place.end) throw damaged(name, "the zip directory holds more than its entries", cursor.offset);
  return { records, start: place.start };
}

/** An archive comment is refused, because it could hold a second end record that another reader finds first. */
function findDirectory(bytes: Uint8Array, name: string): DirectoryPlace {
  if (bytes.length < endBytes) {
    throw truncated(name, { what: "the zip end record", needed: endBytes, offset: 0, size: bytes.length });
  }
  const endOffset = bytes.length - endBytes;
  const cursor = new ByteCursor(bytes, name, endOffset);
  if (cursor.u32le("the zip end record") !== endSignature) {
    throw damaged(name, "the zip file does not end with its directory", endOffset);
  }
  const disks = cursor.u16le("the zip end record") + cursor.u16le("the zip end record");
  const entriesHere = cursor.u16le("the zip end record");
  const entries = cursor.u16le("the zip end record");
  const size = cursor.u32le("the zip end record");
  const start = cursor.u32le("the zip end record");
  if (cursor.u16le("the zip end record") !== 0) throw damaged(name, "the zip end record is wrong", endOffset);
  const plain = { disks, entriesHere, entries, size, start, end: endOffset };
  const place = readZip64End(bytes, name, plain) ?? plain;
  if (place.disks !== 0 || place.entries !== place.entriesHere) throw lacksFeature(name, "a zip file of several parts");
  return place;
}

interface EndRecord extends DirectoryPlace {
  readonly disks: number;
  readonly entriesHere: number;
}

/** The zip64 end record, when there is a locator; each plain field must then be the sentinel or say the same. */
function readZip64End(bytes: Uint8Array, name: string, plain: EndRecord): EndRecord | null {
  const locatorOffset = plain.end - locatorBytes;
  const what = "the zip64 end record";
  const cursor = new ByteCursor(bytes, name, Math.max(locatorOffset, 0));
  const hasLocator = locatorOffset >= 0 && cursor.u32le(what) === locatorSignature;
  if (!hasLocator) {
    const isSentinel = plain.entries === 0xffff || plain.size === sentinel32 || plain.start === sentinel32;
    if (isSentinel) throw damaged(name, "the zip64 locator is missing", plain.end);
    return null;
  }
  const locatorDisk = cursor.u32le(what);
  const end = cursor.u64le(what);
  const locatorDisks = cursor.u32le(what);
  if (end > locatorOffset) throw damaged(name, "the zip64 locator points outside of the file", locatorOffset);
  cursor.offset = end;
  const isSound = cursor.u32le(what) === zip64EndSignature && cursor.u64le(what) === locatorOffset - end - 12;
  if (!isSound || locatorDisk !== 0 || locatorDisks > 1) throw damaged(name, "the zip64 end record is wrong", end);
  cursor.skip(4, what);
  const disks = cursor.u32le(what) + cursor.u32le(what);
  const entriesHere = cursor.u64le(what);
  const record = {
    disks,
    entriesHere,
    entries: cursor.u64le(what),
    size: cursor.u64le(what),
    start: cursor.u64le(what),
    end,
  };
  const agrees =
    [0xffff, record.entries].includes(plain.entries) &&
    [0xffff, record.entriesHere].includes(plain.entriesHere) &&
    [sentinel32, record.size].includes(plain.size) &&
    [sentinel32, record.start].includes(plain.start);
  if (!agrees) throw damaged(name, "the two zip end records disagree", end);
  return record;
}

function readEntry(cursor: ByteCursor): ZipRecord {
  const what = "a zip directory entry";
  const offset = cursor.offset;
  if (cursor.u32le(what) !== entrySignature) throw damaged(cursor.name, "a zip directory entry has no header", offset);
  cursor.skip(4, what);
  const flags = cursor.u16le(what);
  const method = cursor.u16le(what);
  cursor.skip(4, what);
  const crc = cursor.u32le(what);
  const packed = cursor.u32le(what);
  const size = cursor.u32le(what);
  const nameLength = cursor.u16le(what);
  const extraLength = cursor.u16le(what);
  const commentLength = cursor.u16le(what);
  const disk = cursor.u16le(what);
  cursor.skip(2, what);
  const attributes = cursor.u32le(what);
  const localOffset = cursor.u32le(what);
  const name = memberName(cursor.take(nameLength, what), flags, { file: cursor.name, offset });
  const extra = cursor.take(extraLength, what);
  cursor.skip(commentLength, what);
  if (disk !== 0) throw lacksFeature(cursor.name, "a zip file of several parts");
  const wide = readZip64(extra, { size, packed, localOffset }, { name: cursor.name, offset });
  return { name, flags, method, crc, attributes, offset, ...wide };
}

const utf8Flag = 0x800;

/** A name is UTF-8 when the flag says so, else it has to be ASCII: old code pages are read differently by everyone. */
export function memberName(bytes: Uint8Array, flags: number, place: { file: string; offset: number }): string {
  const isAscii = bytes.every((byte) => byte < 0x80);
  if (!isAscii && !(flags & utf8Flag)) throw damaged(place.file, "a member name is not UTF-8", place.offset);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes).normalize("NFC");
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw damaged(place.file, "a member name is not UTF-8", place.offset);
  }
}
