// The bytes of a request's body, never more than the limit; and their decompression, with the same limit.
import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, type ZlibOptions, zstdDecompress } from "node:zlib";
import { trimaranError } from "../../base/errors.ts";

/**
 * What came instead of a body: it was over the limit, or the connection broke off. `open` says that the rest of it may
 * still come, so that the connection cannot serve another request.
 */
export interface BodyFault {
  readonly fault: "too-large" | "broken";
  readonly open: boolean;
}

export type Body = Buffer | BodyFault | undefined;

/**
 * A caller that writes its whole body before it reads would never see our answer if the connection were closed under it:
 * so what is too large is read on and thrown away, for this long and up to eight times the limit.
 */
const lingerMs = 2000;
const lingerFactor = 8;

/** Calls `done` exactly once. Bodies of one chunk, the common case, are not copied. */
export function receiveBody(request: IncomingMessage, limit: number, done: (body: Body) => void): void {
  const declared = Number(request.headers["content-length"]);
  // Such a caller waits for our word before it sends anything.
  if (declared > limit && request.headers.expect !== undefined) {
    done({ fault: "too-large", open: true });
    return;
  }
  let chunks: Buffer[] = [];
  let received = 0;
  let linger: NodeJS.Timeout | undefined;
  const settle = (body: Body): void => {
    clearTimeout(linger);
    request.off("data", onData).off("end", onEnd).off("error", onBreak).off("close", onBreak);
    // Whatever else comes is thrown away.
    request.resume();
    done(body);
  };
  const startLinger = (): void => {
    chunks = [];
    linger = setTimeout(() => settle({ fault: "too-large", open: true }), lingerMs);
  };
  const onData = (chunk: Buffer): void => {
    received += chunk.length;
    if (linger === undefined && received <= limit) chunks.push(chunk);
    else if (linger === undefined) startLinger();
    else if (received > limit * lingerFactor) settle({ fault: "too-large", open: true });
  };
  const onEnd = (): void => {
    if (linger !== undefined) settle({ fault: "too-large", open: false });
    else settle(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, received));
  };
  const onBreak = (): void => settle({ fault: "broken", open: true });
  if (declared > limit) startLinger();
  request.on("data", onData).on("end", onEnd).on("error", onBreak).on("close", onBreak);
}

interface Decompressed {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

type Decompress = (bytes: Buffer, options: ZlibOptions) => Promise<Decompressed>;

// With `info` they give more than their types say.
const asDecompress = (decompress: unknown): Decompress =>
  promisify(decompress as typeof gunzip) as unknown as Decompress;

const decompressors: ReadonlyMap<string, Decompress> = new Map([
  ["gzip", asDecompress(gunzip)],
  ["x-gzip", asDecompress(gunzip)],
  ["deflate", asDecompress(inflate)],
  ["br", asDecompress(brotliDecompress)],
  ["zstd", asDecompress(zstdDecompress)],
]);

/** Of Zstandard in a body: more is an attack. */
const maxFrames = 1000;

/** The value of `Accept-Encoding` beside a 415. */
export const acceptedEncodings = "gzip, deflate, br, zstd";

/** @throws REQUEST_ENCODING, REQUEST_COMPRESSION, REQUEST_TOO_LARGE */
export async function decompressBody(bytes: Buffer, encoding: string, limit: number): Promise<Buffer> {
  const name = encoding.trim().toLowerCase();
  if (name === "identity") return bytes;
  const decompress = decompressors.get(name);
  if (decompress === undefined) throw trimaranError("REQUEST_ENCODING", { encoding, known: acceptedEncodings });
  const parts: Buffer[] = [];
  let [rest, left] = [bytes, limit];
  try {
    do {
      const { buffer, engine } = await decompress(rest, { maxOutputLength: Math.max(left, 1), info: true });
      parts.push(buffer);
      left -= buffer.length;
      // What follows is looked at for gzip only: Node ends with one frame of Zstandard, and leaves all that is behind the others.
      rest = rest.subarray(name.endsWith("gzip") ? rest.length : engine.bytesWritten);
      if (rest.length > 0 && (name !== "zstd" || parts.length === maxFrames)) throw new Error("more follows");
    } while (rest.length > 0 && left >= 0);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      throw trimaranError("REQUEST_TOO_LARGE", { limit }, { cause });
    }
    throw trimaranError("REQUEST_COMPRESSION", { encoding: name }, { cause });
  }
  if (left < 0) throw trimaranError("REQUEST_TOO_LARGE", { limit });
  const [first = bytes] = parts;
  return parts.length === 1 ? first : Buffer.concat(parts);
}
