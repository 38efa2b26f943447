// bzip2: Huffman-coded, move-to-front, Burrows-Wheeler blocks.
//
// file:   stream+
// stream: "BZh" · level '1'…'9' (block = level · 100,000) · block* · 0x177245385090 · stream CRC u32 · padding to a byte
// block:  0x314159265359 · CRC u32 · randomised 1 bit · origin 24 bits · symbol map 16 + 16·n bits · tables 3 bits ·
//         selectors 15 bits, each unary · per table: first length 5 bits, then deltas · Huffman symbols until end-of-block
// Bits are read most significant first. The CRC is CRC-32 with the polynomial 0x04C11DB7, not reflected.
import { BitReader } from "./bz2-bits.ts";
import { type HuffmanTable, huffmanTable, readTables } from "./bz2-huffman.ts";
import { type DecodeOptions, damaged, lacksFeature, OutputBuffer } from "./codec.ts";

const groupSize = 50;
const maxLevel = 9;
const levelBytes = 100_000;

export function decodeBz2(bytes: Uint8Array, options: DecodeOptions): Uint8Array {
  const bits = new BitReader(bytes, options.name);
  const output = new OutputBuffer(options);
  // One block buffer for all streams, so that a file of many empty streams costs nothing.
  const links = new Uint32Array(maxLevel * levelBytes);
  do readStream(bits, output, links);
  while (!bits.atEnd());
  return output.take();
}

function readStream(bits: BitReader, output: OutputBuffer, links: Uint32Array): void {
  const { name } = output.options;
  const start = bits.offset;
  if (bits.read(16) !== 0x425a || bits.read(8) !== 0x68) throw damaged(name, "the bzip2 header is wrong", start);
  const level = bits.read(8) - 0x30;
  if (level < 1 || level > maxLevel) throw damaged(name, "the bzip2 block size is wrong", start + 3);
  const block = links.subarray(0, level * levelBytes);
  let streamCrc = 0;
  for (;;) {
    const offset = bits.offset;
    const magic = bits.read(24) * 0x100_0000 + bits.read(24);
    const crc = (bits.read(16) * 65536 + bits.read(16)) >>> 0;
    if (magic === 0x177245385090) {
      if (crc !== streamCrc >>> 0) throw damaged(name, "the CRC of a bzip2 stream does not match", offset);
      bits.align();
      return;
    }
    if (magic !== 0x314159265359) throw damaged(name, "a bzip2 block has no header", offset);
    const from = output.length;
    readBlock(bits, block, output);
    if (blockCrc(output.bytes, from, output.length) !== crc) {
      throw damaged(name, "the CRC of a bzip2 block does not match", offset);
    }
    streamCrc = ((streamCrc << 1) | (streamCrc >>> 31)) ^ crc;
  }
}

function readBlock(bits: BitReader, links: Uint32Array, output: OutputBuffer): void {
  const { name } = output.options;
  const offset = bits.offset;
  if (bits.read(1) === 1) throw lacksFeature(name, "the randomised blocks of bzip2 0.9");
  const origin = bits.read(24);
  const symbols = readSymbolMap(bits);
  if (symbols.length === 0) throw damaged(name, "a bzip2 block uses no symbols", offset);
  const tableCount = bits.read(3);
  if (tableCount < 2 || tableCount > 6) throw damaged(name, "a bzip2 block has a wrong number of tables", offset);
  const selectors = readSelectors(bits, tableCount, name);
  const tables = readTables(bits, tableCount, symbols.length + 2).map((lengths) => huffmanTable(lengths, name, offset));
  const counts = new Uint32Array(256);
  const size = readSymbols(bits, { symbols, selectors, tables, links, counts, name });
  if (origin >= size) throw damaged(name, "a bzip2 block begins outside of itself", offset);
  linkBlock(links, counts, size);
  writeBlock(links, { origin, size }, output);
}

function readSymbolMap(bits: BitReader): number[] {
  const groups = bits.read(16);
  const symbols: number[] = [];
  for (let group = 0; group < 16; group++) {
    if (!(groups & (0x8000 >> group))) continue;
    const used = bits.read(16);
    for (let i = 0; i < 16; i++) if (used & (0x8000 >> i)) symbols.push(group * 16 + i);
  }
  return symbols;
}

/** The table of each group of 50 symbols, as move-to-front indices. */
function readSelectors(bits: BitReader, tableCount: number, name: string): Uint8Array {
  const count = bits.read(15);
  if (count === 0) throw damaged(name, "a bzip2 block has no selectors", bits.offset);
  const order = [0, 1, 2, 3, 4, 5];
  const selectors = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    let index = 0;
    while (bits.read(1) === 1) {
      if (++index >= tableCount) throw damaged(name, "a bzip2 selector is out of range", bits.offset);
    }
    const [table = 0] = order.splice(index, 1);
    order.unshift(table);
    selectors[i] = table;
  }
  return selectors;
}

interface BlockInput {
  readonly symbols: readonly number[];
  readonly selectors: Uint8Array;
  readonly tables: readonly HuffmanTable[];
  /** Receives one byte an entry. */
  readonly links: Uint32Array;
  /** Receives how often each byte occurs. */
  readonly counts: Uint32Array;
  readonly name: string;
}

/** Decodes Huffman symbols, zero runs and move-to-front up to the end-of-block symbol; returns the block's length. */
function readSymbols(bits: BitReader, input: BlockInput): number {
  const { selectors, tables, links, counts, name } = input;
  const front = Uint8Array.from(input.symbols);
  const endOfBlock = input.symbols.length + 1;
  let size = 0;
  let run = 0;
  let runUnit = 1;
  for (let index = 0; ; index++) {
    const selector = selectors[Math.floor(index / groupSize)];
    if (selector === undefined) throw damaged(name, "a bzip2 block runs past its selectors", bits.offset);
    const symbol = (tables[selector] as HuffmanTable).read(bits);
    if (symbol <= 1) {
      run += runUnit << symbol;
      runUnit <<= 1;
      if (run > links.length - size) throw damaged(name, "a bzip2 block is too long", bits.offset);
      continue;
    }
    if (run > 0) {
      const byte = front[0] as number;
      links.fill(byte, size, size + run);
      counts[byte] = (counts[byte] as number) + run;
      size += run;
      run = 0;
      runUnit = 1;
    }
    if (symbol === endOfBlock) return size;
    if (size >= links.length) throw damaged(name, "a bzip2 block is too long", bits.offset);
    const byte = front[symbol - 1] as number;
    front.copyWithin(1, 0, symbol - 1);
    front[0] = byte;
    counts[byte] = (counts[byte] as number) + 1;
    links[size++] = byte;
  }
}

/** Inverse Burrows-Wheeler: the upper 24 bits of entry i become the position that follows the byte at i. */
function linkBlock(links: Uint32Array, counts: Uint32Array, size: number): void {
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count = counts[byte] as number;
    counts[byte] = sum;
    sum += count;
  }
  for (let i = 0; i < size; i++) {
    const byte = (links[i] as number) & 255;
    const at = counts[byte] as number;
    counts[byte] = at + 1;
    links[at] = (links[at] as number) | (i << 8);
  }
}

/** Follows the links and undoes the first run-length coding: four equal bytes are followed by a repeat count. */
function writeBlock(links: Uint32Array, block: { origin: number; size: number }, output: OutputBuffer): void {
  let position = (links[block.origin] as number) >>> 8;
  let last = -1;
  let repeats = 0;
  for (let i = 0; i < block.size; i++) {
    const entry = links[position] as number;
    const byte = entry & 255;
    position = entry >>> 8;
    if (repeats === 4) {
      output.reserve(byte);
      output.bytes.fill(last, output.length, output.length + byte);
      output.length += byte;
      repeats = 0;
      last = -1;
      continue;
    }
    repeats = byte === last ? repeats + 1 : 1;
    last = byte;
    if (output.length === output.bytes.length) output.reserve(1);
    output.bytes[output.length++] = byte;
  }
}

const crcTable = /* @__PURE__ */ makeCrcTable();

function makeCrcTable(): Uint32Array {
  const table = new Uint32Array(256);
  for (let n = 0; n < 256; n++) {
    let c = n << 24;
    for (let bit = 0; bit < 8; bit++) c = c & 0x8000_0000 ? (c << 1) ^ 0x04c11db7 : c << 1;
    table[n] = c;
  }
  return table;
}

function blockCrc(bytes: Uint8Array, from: number, to: number): number {
  let c = -1;
  for (let i = from; i < to; i++) c = (c << 8) ^ (crcTable[(c >>> 24) ^ (bytes[i] as number)] as number);
  return ~c >>> 0;
}
