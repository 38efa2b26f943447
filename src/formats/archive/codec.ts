// What every decompressor is: its options, its growing output with a hard limit, and the three ways in which it fails.
import { type TrimaranError, trimaranError } from "../../base/errors.ts";

export interface DecodeOptions {
  /** What errors call the file. */
  readonly name: string;
  /** The most bytes that may come out. */
  readonly maxBytes: number;
  /** The most members of a gzip file. @default 1000, or one for each 4 KiB of the file */
  readonly maxMembers?: number;
}

/** Decompresses all of `bytes`. */
export type Decode = (bytes: Uint8Array, options: DecodeOptions) => Uint8Array;

const firstCapacity = 1 << 16;

/** Output that grows as bytes are made. A decoder may read back what it wrote (`bytes[0 … length)`), as LZ codecs do. */
export class OutputBuffer {
  bytes: Uint8Array;
  length = 0;
  readonly options: DecodeOptions;

  constructor(options: DecodeOptions) {
    this.options = options;
    this.bytes = new Uint8Array(Math.min(firstCapacity, Math.max(options.maxBytes, 0)));
  }

  /** Makes room for `count` more bytes, or throws FORMAT_LIMIT. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const { name, maxBytes } = this.options;
    if (needed > maxBytes) throw overLimit(name, maxBytes);
    const grown = new Uint8Array(Math.min(maxBytes, Math.max(needed, this.bytes.length * 2)));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  append(chunk: Uint8Array): void {
    this.reserve(chunk.length);
    this.bytes.set(chunk, this.length);
    this.length += chunk.length;
  }

  /** Repeats `count` bytes from `distance` back, byte by byte where source and target overlap. */
  copyBack(distance: number, count: number): void {
    this.reserve(count);
    const { bytes, length } = this;
    const from = length - distance;
    if (distance >= count) bytes.copyWithin(length, from, from + count);
    else for (let i = 0; i < count; i++) bytes[length + i] = bytes[from + i] as number;
    this.length = length + count;
  }

  take(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

export function overLimit(name: string, maxBytes: number): TrimaranError {
  return trimaranError("FORMAT_LIMIT", {
    name,
    limit: "maxDecompressedBytes",
    max: maxBytes,
    problem: "it decompresses to more bytes",
  });
}

export function damaged(name: string, problem: string, offset: number): TrimaranError {
  return trimaranError("FORMAT_DAMAGED", { name, problem, offset });
}

/** The bytes that were to be read: `what` needs `needed` bytes at `offset` of a file of `size` bytes. */
export interface Missing {
  readonly what: string;
  readonly needed: number;
  readonly offset: number;
  readonly size: number;
}

export function truncated(name: string, missing: Missing): TrimaranError {
  const { what, needed, offset, size } = missing;
  return trimaranError("FORMAT_TRUNCATED", { name, what, needed, offset, left: Math.max(0, size - offset) });
}

export function lacksFeature(name: string, feature: string): TrimaranError {
  return trimaranError("FORMAT_FEATURE", { name, feature });
}
