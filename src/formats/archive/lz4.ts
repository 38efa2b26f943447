// The lz4 frame format. Rule: github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md.
//
// file:  (frame | skippable)+
// frame: 04 22 4d 18 · FLG u8 (version 01, independent, block check, content size, content check, –, dictionary) · BD u8 ·
//        [content size u64] · header check u8 · block* · 00000000 · [content XXH32]
// block: size u32 (top bit: stored) · data · [XXH32]
// data:  (token u8: literals, match − 4 · [length bytes] · literals · distance u16 · [length bytes])*, the last without a match

import { ByteCursor } from "../../base/byte-cursor.ts";
import { type DecodeOptions, damaged, lacksFeature, OutputBuffer } from "./codec.ts";
import { xxh32 } from "./xxhash.ts";

const frameMagic = 0x184d2204;
const blockSizes: Readonly<Record<number, number>> = { 4: 1 << 16, 5: 1 << 18, 6: 1 << 20, 7: 1 << 22 };

export function decodeLz4(bytes: Uint8Array, options: DecodeOptions): Uint8Array {
  const reader = new ByteCursor(bytes, options.name);
  const output = new OutputBuffer(options);
  do {
    const magic = reader.u32le("the lz4 header");
    if (magic === frameMagic) readFrame(reader, output);
    else if (magic >= 0x184d2a50 && magic <= 0x184d2a5f)
      reader.take(reader.u32le("a skippable frame"), "a skippable frame");
    else throw damaged(options.name, "an lz4 frame has no header", reader.offset - 4);
  } while (reader.left > 0);
  return output.take();
}

interface FrameHeader {
  readonly blockChecks: boolean;
  readonly contentCheck: boolean;
  readonly contentSize: number | undefined;
  readonly maxBlock: number;
}

function readHeader(reader: ByteCursor): FrameHeader {
  const { name } = reader;
  const start = reader.offset;
  const flags = reader.u8("the lz4 header");
  const descriptor = reader.u8("the lz4 header");
  const maxBlock = blockSizes[(descriptor >> 4) & 7];
  if (flags >> 6 !== 1 || (flags & 2) !== 0 || maxBlock === undefined || (descriptor & 0x8f) !== 0) {
    throw damaged(name, "the lz4 header is wrong", start);
  }
  if (flags & 1) throw lacksFeature(name, "an lz4 dictionary");
  const contentSize = flags & 8 ? reader.u64le("the lz4 header") : undefined;
  const expected = (xxh32(reader.bytes.subarray(start, reader.offset)) >>> 8) & 255;
  if (reader.u8("the lz4 header") !== expected)
    throw damaged(name, "the check of the lz4 header does not match", start);
  return { blockChecks: (flags & 16) !== 0, contentCheck: (flags & 4) !== 0, contentSize, maxBlock };
}

function readFrame(reader: ByteCursor, output: OutputBuffer): void {
  const { name } = reader;
  const header = readHeader(reader);
  const frameStart = output.length;
  for (;;) {
    const offset = reader.offset;
    const word = reader.u32le("an lz4 block");
    if (word === 0) break;
    const size = word & 0x7fffffff;
    if (size > header.maxBlock) throw damaged(name, "an lz4 block is too long", offset);
    const data = reader.take(size, "an lz4 block");
    if (header.blockChecks && reader.u32le("an lz4 block check") !== xxh32(data)) {
      throw damaged(name, "the check of an lz4 block does not match", offset);
    }
    const from = output.length;
    if (word >= 0x80000000) output.append(data);
    else readBlock(data, output, { frameStart, offset: offset + 4 });
    if (output.length - from > header.maxBlock) throw damaged(name, "an lz4 block makes too many bytes", offset);
  }
  const content = output.bytes.subarray(frameStart, output.length);
  if (header.contentCheck && reader.u32le("the lz4 content check") !== xxh32(content)) {
    throw damaged(name, "the check of the lz4 content does not match", reader.offset - 4);
  }
  if ((header.contentSize ?? content.length) !== content.length) {
    throw damaged(name, "the lz4 content has another size than announced", reader.offset);
  }
}

/** One compressed block. Matches may reach into earlier blocks of the same frame. */
function readBlock(data: Uint8Array, output: OutputBuffer, place: { frameStart: number; offset: number }): void {
  const { name } = output.options;
  let at = 0;
  const fail = (problem: string): Error => damaged(name, problem, place.offset + Math.min(at, data.length));
  const length = (nibble: number): number => {
    if (nibble < 15) return nibble;
    let total = nibble;
    for (;;) {
      const byte = data[at++];
      if (byte === undefined) throw fail("an lz4 length is cut off");
      total += byte;
      if (byte < 255) return total;
    }
  };
  while (at < data.length) {
    const token = data[at++] as number;
    const literals = length(token >> 4);
    if (at + literals > data.length) throw fail("lz4 literals are cut off");
    output.append(data.subarray(at, at + literals));
    at += literals;
    if (at === data.length) return;
    if (at + 2 > data.length) throw fail("an lz4 distance is cut off");
    const distance = (data[at] as number) | ((data[at + 1] as number) << 8);
    at += 2;
    if (distance === 0 || distance > output.length - place.frameStart) throw fail("an lz4 match reaches too far back");
    output.copyBack(distance, length(token & 15) + 4);
  }
  throw fail("an lz4 block ends with a match");
}
