// Picks the decompressor of a compression: one total map, so that a new compression does not compile without one.
import { decodeBz2 } from "./bz2.ts";
import type { Decode, DecodeOptions } from "./codec.ts";
import { decodeGzip } from "./gzip.ts";
import { decodeZlib } from "./inflate.ts";
import { decodeLz4 } from "./lz4.ts";
import { decodeLzma } from "./lzma.ts";
import type { Compression } from "./sniff.ts";
import { decodeXz } from "./xz.ts";
import { decodeZstd } from "./zstd.ts";

const decoders = {
  gzip: decodeGzip,
  zlib: decodeZlib,
  bz2: decodeBz2,
  xz: decodeXz,
  lzma: decodeLzma,
  lz4: decodeLz4,
  zstd: decodeZstd,
} satisfies { readonly [K in Compression]: Decode };

/** Decompresses `bytes` of a known compression (see `sniffArchive`). */
export function decompress(kind: Compression, bytes: Uint8Array, options: DecodeOptions): Uint8Array {
  return decoders[kind](bytes, options);
}
