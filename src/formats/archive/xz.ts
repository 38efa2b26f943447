// The xz container. Rule: tukaani.org/xz/xz-file-format.txt.
//
// file:   (stream · zero padding in fours)+
// stream: fd "7zXZ" 00 · flags (00, check) · CRC-32 · block* · index · CRC-32 · backward size u32 · flags · "YZ"
// block:  size u8 (·4 + 4, 0 is the index) · flags u8 · [packed varint] · [size varint] · filters · zeros · CRC-32 · data · zeros to 4 · check
// index:  00 · count varint · (unpadded size varint, size varint)* · zeros to 4 · CRC-32

import { ByteCursor } from "../../base/byte-cursor.ts";
import { crc32, crc64 } from "./checksums.ts";
import { type DecodeOptions, damaged, lacksFeature, OutputBuffer } from "./codec.ts";
import { readLzma2 } from "./lzma.ts";

const magic = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
const checkSizes: Readonly<Record<number, number>> = { 0: 0, 1: 4, 4: 8 };
const lzma2Filter = 0x21;

interface BlockRecord {
  readonly unpadded: number;
  readonly size: number;
}

export function decodeXz(bytes: Uint8Array, options: DecodeOptions): Uint8Array {
  const reader = new ByteCursor(bytes, options.name);
  const output = new OutputBuffer(options);
  do {
    readStream(reader, output);
    while (reader.left >= 4 && reader.bytes.subarray(reader.offset, reader.offset + 4).every((byte) => byte === 0)) {
      reader.offset += 4;
    }
  } while (reader.left > 0);
  return output.take();
}

function fail(reader: ByteCursor, problem: string): Error {
  return damaged(reader.name, problem, reader.offset);
}

function readStream(reader: ByteCursor, output: OutputBuffer): void {
  const start = reader.take(6, "the xz header");
  if (!magic.every((byte, i) => start[i] === byte)) throw fail(reader, "the xz header is wrong");
  const flags = reader.take(2, "the xz header");
  if (reader.u32le("the xz header") !== crc32(flags)) throw fail(reader, "the CRC-32 of the xz header does not match");
  const check = flags[1] as number;
  const checkSize = checkSizes[check];
  if (flags[0] !== 0 || checkSize === undefined) {
    throw lacksFeature(reader.name, `the xz check ${check} (CRC-32, CRC-64 and none are known)`);
  }
  const records: BlockRecord[] = [];
  while (reader.bytes[reader.offset] !== 0) records.push(readBlock(reader, output, { check, checkSize }));
  const indexSize = readIndex(reader, records);
  const footerCrc = reader.u32le("the xz footer");
  const footer = reader.take(6, "the xz footer");
  const end = reader.take(2, "the xz footer");
  const view = new DataView(footer.buffer, footer.byteOffset, footer.length);
  const agrees =
    end[0] === 0x59 &&
    end[1] === 0x5a &&
    footerCrc === crc32(footer) &&
    (view.getUint32(0, true) + 1) * 4 === indexSize &&
    footer[4] === flags[0] &&
    footer[5] === flags[1];
  if (!agrees) throw fail(reader, "the xz footer does not match");
}

function readBlock(
  reader: ByteCursor,
  output: OutputBuffer,
  kind: { readonly check: number; readonly checkSize: number },
): BlockRecord {
  const start = reader.offset;
  const headerSize = (reader.u8("an xz block") + 1) * 4;
  reader.offset = start;
  const raw = reader.take(headerSize - 4, "an xz block header");
  if (reader.u32le("an xz block header") !== crc32(raw)) throw fail(reader, "the CRC-32 of an xz block does not match");
  const announced = readBlockHeader(new ByteCursor(raw, reader.name, 1));
  const dataStart = reader.offset;
  const from = output.length;
  readLzma2(reader, output);
  const packed = reader.offset - dataStart;
  const size = output.length - from;
  if ((announced.packed ?? packed) !== packed || (announced.size ?? size) !== size) {
    throw fail(reader, "the sizes of an xz block do not match");
  }
  skipPadding(reader, (4 - (packed % 4)) % 4);
  checkContent(reader, kind.check, output.bytes.subarray(from, output.length));
  return { unpadded: headerSize + packed + kind.checkSize, size };
}

function readBlockHeader(header: ByteCursor): { packed: number | undefined; size: number | undefined } {
  const { name } = header;
  const flags = header.u8("an xz block header");
  const packed = flags & 0x40 ? varint(header) : undefined;
  const size = flags & 0x80 ? varint(header) : undefined;
  const filter = varint(header);
  if ((flags & 0x3f) !== 0 || filter !== lzma2Filter) throw lacksFeature(name, "an xz filter other than LZMA2");
  const dictionary = varint(header) === 1 ? header.u8("an xz filter") : 255;
  if (dictionary > 40) throw fail(header, "the xz filter is wrong");
  skipPadding(header, header.left);
  return { packed, size };
}

function checkContent(reader: ByteCursor, check: number, content: Uint8Array): void {
  if (check === 1 && reader.u32le("an xz check") !== crc32(content)) {
    throw fail(reader, "the CRC-32 of an xz block's content does not match");
  }
  if (check !== 4) return;
  const { low, high } = crc64(content);
  if (reader.u32le("an xz check") !== low || reader.u32le("an xz check") !== high) {
    throw fail(reader, "the CRC-64 of an xz block's content does not match");
  }
}

/** Reads the index, compares it with the blocks that were read, and returns its size in bytes. */
function readIndex(reader: ByteCursor, records: readonly BlockRecord[]): number {
  const start = reader.offset;
  reader.u8("the xz index");
  let agrees = varint(reader) === records.length;
  for (const record of agrees ? records : []) {
    agrees = varint(reader) === record.unpadded && varint(reader) === record.size && agrees;
  }
  if (!agrees) throw fail(reader, "the xz index does not match the blocks");
  skipPadding(reader, (4 - ((reader.offset - start) % 4)) % 4);
  const content = reader.bytes.subarray(start, reader.offset);
  if (reader.u32le("the xz index") !== crc32(content)) throw fail(reader, "the CRC-32 of the xz index does not match");
  return reader.offset - start;
}

function skipPadding(reader: ByteCursor, count: number): void {
  if (reader.take(count, "xz padding").some((byte) => byte !== 0)) throw fail(reader, "xz padding is not zero");
}

/** Seven bits a byte, least significant first; at most nine bytes, so that only values up to 2^53 are exact, which is enough to compare sizes. */
function varint(reader: ByteCursor): number {
  let value = 0;
  for (let i = 0; i < 9; i++) {
    const byte = reader.u8("an xz integer");
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return value;
  }
  throw fail(reader, "an xz integer is too long");
}
