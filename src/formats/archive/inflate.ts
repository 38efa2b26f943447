// Raw deflate (RFC 1951) and zlib (RFC 1950) over fflate's streaming inflater.
//
// zlib: CMF u8 (low nibble 8 = deflate) · FLG u8 ((CMF·256 + FLG) mod 31 = 0, bit 5 = preset dictionary) · deflate · Adler-32 big-endian
import { Inflate } from "fflate";
import { adler32 } from "./checksums.ts";
import { type DecodeOptions, damaged, lacksFeature, OutputBuffer, truncated } from "./codec.ts";

/** Deflate makes at most about 1,032 bytes of one, so that one push cannot grow memory by more than 17 MB before the check. */
export const pushBytes: number = 1 << 14;

/** Decompresses a raw deflate stream. */
export function inflate(bytes: Uint8Array, options: DecodeOptions): Uint8Array {
  return inflateInto(bytes, new OutputBuffer(options));
}

function inflateInto(bytes: Uint8Array, output: OutputBuffer): Uint8Array {
  const stream = new Inflate((chunk) => output.append(chunk));
  feed(bytes, output.options.name, (chunk, final) => stream.push(chunk, final));
  return output.take();
}

/** Pushes `bytes` piece by piece and turns fflate's errors into ours. */
export function feed(bytes: Uint8Array, name: string, push: (chunk: Uint8Array, final: boolean) => void): void {
  let at = 0;
  try {
    do {
      const end = Math.min(at + pushBytes, bytes.length);
      push(bytes.subarray(at, end), end === bytes.length);
      at = end;
    } while (at < bytes.length);
  } catch (error) {
    throw inflateError(error, name, { offset: at, size: bytes.length });
  }
}

const fflateEof = 0;

/** fflate throws plain errors with a numeric code, and RangeError where it builds a table from nonsense. */
function inflateError(error: unknown, name: string, where: { offset: number; size: number }): unknown {
  if (error instanceof RangeError) return damaged(name, "the deflate stream is not sound", where.offset);
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "number") return error;
  if (error.code === fflateEof) {
    return truncated(name, { what: "the deflate stream", needed: 1, offset: where.size, size: where.size });
  }
  return damaged(name, "the deflate stream is not sound", where.offset);
}

const zlibHeaderBytes = 2;
const adlerBytes = 4;

/** Decompresses one zlib stream and checks its Adler-32. */
export function decodeZlib(bytes: Uint8Array, options: DecodeOptions): Uint8Array {
  const { name } = options;
  const overhead = zlibHeaderBytes + adlerBytes;
  if (bytes.length < overhead) {
    throw truncated(name, { what: "a zlib stream", needed: overhead, offset: 0, size: bytes.length });
  }
  const method = bytes[0] as number;
  const flags = bytes[1] as number;
  if ((method & 15) !== 8 || (method * 256 + flags) % 31 !== 0) throw damaged(name, "the zlib header is wrong", 0);
  if (flags & 0x20) throw lacksFeature(name, "a zlib preset dictionary");
  const end = bytes.length - adlerBytes;
  const out = inflate(bytes.subarray(zlibHeaderBytes, end), options);
  if (new DataView(bytes.buffer, bytes.byteOffset).getUint32(end) !== adler32(out)) {
    throw damaged(name, "the Adler-32 checksum does not match", end);
  }
  return out;
}
