// Where the members of a zip lie: each local header must say what the directory says, and no two may share a byte.
//
// local: "PK\3\4" · needed u16 · flags u16 · method u16 · time u16 · date u16 · CRC-32 u32 · packed u32 · size u32 ·
//        name length u16 · extra length u16 · name · extra · content · [descriptor: ["PK\7\8"] · CRC-32 · packed · size]
import { ByteCursor } from "../../base/byte-cursor.ts";
import { damaged } from "./codec.ts";
import { memberName, type ZipRecord } from "./zip-directory.ts";
import { readZip64, type ZipSizes } from "./zip64.ts";

/** A member's place: the local header at `offset`, its content in [start, end). */
export interface ZipContent {
  readonly member: string;
  readonly offset: number;
  readonly start: number;
  readonly end: number;
}

const localSignature = 0x04034b50;
/** CRC-32 and sizes are zero here and follow the content. */
const descriptorFlag = 8;
/** Flags that change how the content is read; the rest are hints of the packer. */
const meaningfulFlags = 0x2861;

export function locateContent(bytes: Uint8Array, record: ZipRecord, name: string): ZipContent {
  const what = "a zip member";
  const { localOffset: offset } = record;
  if (offset > bytes.length) throw damaged(name, `the member ${record.name} lies outside of the file`, record.offset);
  const cursor = new ByteCursor(bytes, name, offset);
  if (cursor.u32le(what) !== localSignature) throw damaged(name, `the member ${record.name} has no header`, offset);
  cursor.skip(2, what);
  const flags = cursor.u16le(what);
  const method = cursor.u16le(what);
  cursor.skip(4, what);
  const crc = cursor.u32le(what);
  const sizes = { packed: cursor.u32le(what), size: cursor.u32le(what), localOffset: offset };
  const nameLength = cursor.u16le(what);
  const extraLength = cursor.u16le(what);
  const localName = memberName(cursor.take(nameLength, what), flags, { file: name, offset });
  const wide = readZip64(cursor.take(extraLength, what), sizes, { name, offset });
  const agrees =
    localName === record.name &&
    method === record.method &&
    (flags & (meaningfulFlags | descriptorFlag)) === (record.flags & (meaningfulFlags | descriptorFlag)) &&
    sameSizes(record, { ...wide, crc }, (flags & descriptorFlag) !== 0);
  if (!agrees) throw damaged(name, `the member ${record.name} disagrees with the zip directory`, offset);
  const start = cursor.offset;
  cursor.skip(record.packed, `the member ${record.name}`);
  return { member: record.name, offset, start, end: cursor.offset };
}

function sameSizes(record: ZipRecord, local: ZipSizes & { crc: number }, hasDescriptor: boolean): boolean {
  const same = (mine: number, theirs: number): boolean => theirs === mine || (hasDescriptor && theirs === 0);
  return same(record.crc, local.crc) && same(record.packed, local.packed) && same(record.size, local.size);
}

/** Members must follow one another and end before the directory. Bytes between them (descriptors, padding) are harmless. */
export function assertNoOverlap(contents: readonly ZipContent[], file: { name: string; directoryStart: number }): void {
  const sorted = [...contents].sort((a, b) => a.offset - b.offset);
  let end = 0;
  for (const content of sorted) {
    if (content.offset < end) throw damaged(file.name, `the member ${content.member} overlaps another`, content.offset);
    end = content.end;
  }
  if (end > file.directoryStart) throw damaged(file.name, "a member overlaps the zip directory", file.directoryStart);
}
