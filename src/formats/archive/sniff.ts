// Which compression or archive a file is, by its first bytes.

export type Compression = "gzip" | "zlib" | "bz2" | "xz" | "lzma" | "lz4" | "zstd";
export type ArchiveKind = Compression | "zip" | "legacy-joblib";

function startsWith(bytes: Uint8Array, ...magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/** The kind of container that `bytes` begin with, or null. No opcode sequence of a sound pickle is mistaken for one. */
export function sniffArchive(bytes: Uint8Array): ArchiveKind | null {
  if (startsWith(bytes, 0x1f, 0x8b)) return "gzip";
  if (startsWith(bytes, 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00)) return "xz";
  if (startsWith(bytes, 0x04, 0x22, 0x4d, 0x18)) return "lz4";
  if (startsWith(bytes, 0x28, 0xb5, 0x2f, 0xfd)) return "zstd";
  // "BZh" is also the pickle opcode BINBYTES with a length; the digit and the block magic tell them apart.
  if (startsWith(bytes, 0x42, 0x5a, 0x68) && (bytes[4] === 0x31 || bytes[4] === 0x17)) return "bz2";
  if (startsWith(bytes, 0x5d, 0x00, 0x00)) return "lzma";
  if (startsWith(bytes, 0x50, 0x4b, 0x03, 0x04) || startsWith(bytes, 0x50, 0x4b, 0x05, 0x06)) return "zip";
  if (startsWith(bytes, 0x5a, 0x46, 0x30, 0x78)) return "legacy-joblib";
  if (bytes[0] === 0x78 && bytes[1] !== undefined && (0x7800 + bytes[1]) % 31 === 0) return "zlib";
  return null;
}
