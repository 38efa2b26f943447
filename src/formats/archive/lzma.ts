// lzma-alone (the old .lzma file), and LZMA2 chunks as xz holds them.
//
// lzma-alone: properties u8 · dictionary size u32 · uncompressed size u64 (2^64 − 1: unknown, ends with a marker) · range-coded data
// LZMA2:      chunk* · 00
// chunk:      01|02 · size − 1 u16 big-endian · raw bytes (01 resets the dictionary), or
//             1ccsssss · rest of size − 1 u16 · packed size − 1 u16 · [properties u8 if cc ≥ 2] · range-coded data
//             (cc: 0 go on, 1 reset state, 2 new properties, 3 also reset the dictionary)

import { ByteCursor } from "../../base/byte-cursor.ts";
import { type DecodeOptions, damaged, OutputBuffer, overLimit } from "./codec.ts";
import { LzmaState, lzmaProperties } from "./lzma-state.ts";
import { RangeDecoder } from "./range-decoder.ts";

export function decodeLzma(bytes: Uint8Array, options: DecodeOptions): Uint8Array {
  const { name } = options;
  const header = new ByteCursor(bytes, options.name);
  const properties = lzmaProperties(header.u8("the lzma header"));
  if (properties === null) throw damaged(name, "the lzma properties are out of range", 0);
  header.u32le("the lzma header");
  const isSizeUnknown = header.take(8, "the lzma header").every((byte) => byte === 255);
  if (!isSizeUnknown) header.offset -= 8;
  const size = isSizeUnknown ? Number.POSITIVE_INFINITY : header.u64le("the lzma header");
  if (!isSizeUnknown && size > options.maxBytes) throw overLimit(name, options.maxBytes);
  const output = new OutputBuffer(options);
  const coder = new RangeDecoder(bytes, name);
  const state = new LzmaState(coder, output);
  state.setProperties(properties);
  state.reset();
  coder.start(header.offset, bytes.length);
  const stop = state.decode(size);
  if (stop === "marker" && !isSizeUnknown) throw damaged(name, "the lzma data end before their size", coder.position);
  // With a known size an end marker may still follow.
  if (stop === "size" && !coder.isFinished() && state.decode(size + 1) !== "marker") {
    throw damaged(name, "the lzma data go on after their size", coder.position);
  }
  if (!coder.isFinished()) throw damaged(name, "the lzma data end wrongly", coder.position);
  if (coder.position !== bytes.length) throw damaged(name, "bytes follow the lzma data", coder.position);
  return output.take();
}

/** Decodes LZMA2 chunks from the reader's position up to and with the end byte. */
export function readLzma2(reader: ByteCursor, output: OutputBuffer): void {
  const { name } = reader;
  const coder = new RangeDecoder(reader.bytes, name);
  const state = new LzmaState(coder, output);
  const seen = { dictionary: false, properties: false, state: false };
  for (;;) {
    const offset = reader.offset;
    const control = reader.u8("an LZMA2 chunk");
    if (control === 0) return;
    if (control < 0x80) {
      if (control > 2) throw damaged(name, "an LZMA2 chunk is of no known kind", offset);
      if (control === 1) state.resetDictionary();
      seen.dictionary ||= control === 1;
      if (!seen.dictionary) throw damaged(name, "an LZMA2 chunk lacks a dictionary", offset);
      // A raw chunk keeps the coder's state, but the next coded one has to reset it after a dictionary reset.
      if (control === 1) seen.state = false;
      const size = bigEndian16(reader) + 1;
      output.append(reader.take(size, "an LZMA2 chunk"));
      continue;
    }
    const size = (control & 31) * 65536 + bigEndian16(reader) + 1;
    const packed = bigEndian16(reader) + 1;
    const reset = (control >> 5) & 3;
    if (reset === 3) {
      state.resetDictionary();
      seen.dictionary = true;
    }
    if (reset >= 2) {
      const properties = lzmaProperties(reader.u8("an LZMA2 chunk"));
      if (properties === null || properties.lc + properties.lp > 4) {
        throw damaged(name, "the LZMA2 properties are out of range", offset);
      }
      state.setProperties(properties);
      seen.properties = true;
    }
    if (reset >= 1) {
      state.reset();
      seen.state = true;
    }
    if (!(seen.dictionary && seen.properties && seen.state)) {
      throw damaged(name, "an LZMA2 chunk needs a reset that is missing", offset);
    }
    const start = reader.skip(packed, "an LZMA2 chunk");
    coder.start(start, reader.offset);
    if (state.decode(output.length + size) === "marker" || !coder.isFinished()) {
      throw damaged(name, "an LZMA2 chunk ends wrongly", offset);
    }
    if (coder.position !== reader.offset) throw damaged(name, "an LZMA2 chunk ends wrongly", offset);
  }
}

function bigEndian16(reader: ByteCursor): number {
  return reader.u8("an LZMA2 chunk") * 256 + reader.u8("an LZMA2 chunk");
}
