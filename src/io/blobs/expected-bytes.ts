// Holds what arrives to what was announced: its length, its digest and a limit. What breaks a rule is told before the end is.
import { createHash, type Hash, timingSafeEqual } from "node:crypto";
import { trimaranError } from "../../base/errors.ts";
import type { BlobWrite } from "./blob-store.ts";

/** The same chunks; throws in place of the end when they are not what was expected. @throws BLOB_LIMIT, BLOB_CHECKSUM, BLOB_CUT */
export async function* expectedBytes(
  body: AsyncIterable<Uint8Array>,
  location: string,
  { bytes, digest, maxBytes = Number.POSITIVE_INFINITY }: BlobWrite = {},
): AsyncGenerator<Uint8Array> {
  if (bytes !== undefined && bytes > maxBytes) throw trimaranError("BLOB_LIMIT", { location, limit: maxBytes });
  const hash: Hash | null = digest === undefined ? null : createHash(digest.hash);
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw trimaranError("BLOB_LIMIT", { location, limit: maxBytes });
    if (bytes !== undefined && size > bytes) throw wrongLength(location, size, bytes);
    hash?.update(chunk);
    yield chunk;
  }
  if (bytes !== undefined && size !== bytes) throw wrongLength(location, size, bytes);
  if (digest === undefined || hash === null) return;
  const found = hash.digest();
  if (found.length !== digest.value.length || !timingSafeEqual(found, digest.value)) {
    throw trimaranError("BLOB_CHECKSUM", { location, hash: digest.hash });
  }
}

function wrongLength(location: string, size: number, bytes: number): Error {
  return trimaranError("BLOB_CUT", { location, problem: `${size} bytes of ${bytes}` });
}
