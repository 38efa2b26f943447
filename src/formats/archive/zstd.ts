// Zstandard frames over fzstd. The frames are walked first, because fzstd allocates what a header announces and checks
// neither checksum nor size. Rule: RFC 8878.
//
// file:  (frame | skippable)+
// frame: 28 b5 2f fd · flags u8 (size code 2, single segment 1, –2, checksum 1, dictionary code 2) · [window u8] ·
//        [dictionary 0/1/2/4] · [content size 0/1/2/4/8] · block+ · [XXH64 low u32]
// block: u24 (last 1 bit, type 2 bits, size 21 bits) · data (one byte when the type is 1, a run)
import { Decompress } from "fzstd";
import { ByteCursor } from "../../base/byte-cursor.ts";
import { type DecodeOptions, damaged, lacksFeature, OutputBuffer } from "./codec.ts";
import { xxh64Low } from "./xxhash.ts";

const frameMagic = 0xfd2fb528;
const maxBlock = 1 << 17;
/** What the zstd tool itself accepts without being asked for more. */
const maxWindow = 1 << 27;
/**
 * fzstd allocates the window of each frame and moves all of it after each block: 16 GiB take most of a second. A large file
 * may take them, a small one of empty blocks may not. No window is larger than what the frame's blocks can make.
 */
const maxMovedBytes = 2 ** 34;
/** What fresh memory costs, in moves of as many bytes. */
const allocationCost = 8;
const leastMovedBytes = 2 ** 32;
const movedBytesPerByte = 512;

export function decodeZstd(bytes: Uint8Array, options: DecodeOptions): Uint8Array {
  const reader = new ByteCursor(bytes, options.name);
  const output = new OutputBuffer(options);
  const mostMoved = Math.min(maxMovedBytes, leastMovedBytes + movedBytesPerByte * bytes.length);
  let movedBytes = 0;
  do {
    const start = reader.offset;
    const magic = reader.u32le("the zstd header");
    if (magic === frameMagic) {
      const header = readHeader(reader);
      const { blocks, makes } = skipBlocks(reader);
      const most = header.singleSegment ? blocks * maxBlock : Math.max(maxBlock, makes);
      const frame = { ...header, needed: Math.min(header.window, most) };
      movedBytes += frame.needed * (blocks + allocationCost);
      if (movedBytes > mostMoved)
        throw lacksFeature(options.name, "a zstd window that is too large for so many blocks");
      readFrame(reader, output, { ...frame, blocks, start });
    } else if (magic >= 0x184d2a50 && magic <= 0x184d2a5f)
      reader.take(reader.u32le("a skippable frame"), "a skippable frame");
    else throw damaged(options.name, "a zstd frame has no header", start);
  } while (reader.left > 0);
  return output.take();
}

interface FrameHeader {
  /** The content is the window, and the header has no other. */
  readonly singleSegment: boolean;
  readonly window: number;
  readonly contentSize: number | undefined;
  readonly checksum: boolean;
}

interface WalkedFrame extends FrameHeader {
  /** The window that its blocks can fill. */
  readonly needed: number;
  readonly blocks: number;
  readonly start: number;
}

function readHeader(reader: ByteCursor): FrameHeader {
  const flags = reader.u8("the zstd header");
  const singleSegment = (flags & 0x20) !== 0;
  if (flags & 0x08) throw damaged(reader.name, "the zstd header is wrong", reader.offset - 1);
  let window = 0;
  if (!singleSegment) {
    const descriptor = reader.u8("the zstd header");
    const base = 2 ** (10 + (descriptor >> 3));
    window = base + (base / 8) * (descriptor & 7);
  }
  const dictionaryBytes = [0, 1, 2, 4][flags & 3] as number;
  if (reader.take(dictionaryBytes, "the zstd header").some((byte) => byte !== 0)) {
    throw lacksFeature(reader.name, "a zstd dictionary");
  }
  const contentSize = readContentSize(reader, flags >> 6, singleSegment);
  return {
    singleSegment,
    window: singleSegment ? (contentSize ?? 0) : window,
    contentSize,
    checksum: (flags & 4) !== 0,
  };
}

function readContentSize(reader: ByteCursor, code: number, singleSegment: boolean): number | undefined {
  if (code === 0) return singleSegment ? reader.u8("the zstd header") : undefined;
  if (code === 1) return reader.u16le("the zstd header") + 256;
  return code === 2 ? reader.u32le("the zstd header") : reader.u64le("the zstd header");
}

/** The frame whose header and blocks have been walked: the cursor stands behind its last block. */
function readFrame(reader: ByteCursor, output: OutputBuffer, header: WalkedFrame): void {
  const { name } = reader;
  const { blocks, start } = header;
  // Every block makes at most 128 KiB, so a larger announcement is a lie, and nothing is allocated for it.
  if ((header.contentSize ?? 0) > blocks * maxBlock) throw damaged(name, "the zstd content size is wrong", start);
  if (header.window > Math.max(maxWindow, blocks * maxBlock)) throw lacksFeature(name, "a zstd window above 128 MiB");
  const checksum = header.checksum ? reader.u32le("the zstd checksum") : null;
  const frame = reader.bytes.subarray(start, reader.offset);
  const from = output.length;
  decodeFrame(withWindow(frame, header), output, start);
  const content = output.bytes.subarray(from, output.length);
  if ((header.contentSize ?? content.length) !== content.length) {
    throw damaged(name, "the zstd content has another size than announced", start);
  }
  if (checksum !== null && checksum !== xxh64Low(content)) {
    throw damaged(name, "the checksum of the zstd content does not match", start);
  }
}

/** The frame with the smallest window in its header that holds what is needed; one without a window stays. */
function withWindow(frame: Uint8Array, { singleSegment, window, needed }: WalkedFrame): Uint8Array {
  const exponent = Math.max(0, Math.ceil(Math.log2(needed)) - 10);
  if (singleSegment || 2 ** (10 + exponent) >= window) return frame;
  const changed = frame.slice();
  changed[5] = exponent << 3;
  return changed;
}

/** Walks the blocks of a frame: how many there are, and how many bytes they make at most. */
function skipBlocks(reader: ByteCursor): { readonly blocks: number; readonly makes: number } {
  let makes = 0;
  for (let blocks = 1; ; blocks++) {
    const header = reader.u16le("a zstd block") | (reader.u8("a zstd block") << 16);
    const type = (header >> 1) & 3;
    const size = header >>> 3;
    if (type === 3 || size > maxBlock) throw damaged(reader.name, "a zstd block is wrong", reader.offset - 3);
    reader.take(type === 1 ? 1 : size, "a zstd block");
    makes += type === 2 ? maxBlock : size;
    if (header & 1) return { blocks, makes };
  }
}

function decodeFrame(frame: Uint8Array, output: OutputBuffer, offset: number): void {
  const stream = new Decompress((chunk) => output.append(chunk));
  try {
    stream.push(frame, true);
  } catch (error) {
    // fzstd throws errors with a code, and RangeError or TypeError where it indexes with nonsense.
    const isTheirs = error instanceof RangeError || error instanceof TypeError || isFzstdError(error);
    throw isTheirs ? damaged(output.options.name, "a zstd block is not sound", offset) : error;
  }
}

function isFzstdError(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "number";
}
