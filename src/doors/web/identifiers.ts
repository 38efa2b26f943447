// Identifiers of requests and predictions: what may come in, and fresh ones (UUIDv7, RFC 9562) when none came.
import { randomFillSync } from "node:crypto";
import { trimaranError } from "../../base/errors.ts";

const allowed = /^[A-Za-z0-9._:/-]{1,128}$/;

export function isIdentifier(text: unknown): text is string {
  return typeof text === "string" && allowed.test(text);
}

/**
 * The identifier that came in a header; undefined when none came.
 * @throws REQUEST_HEADER
 */
export function readIdentifier(value: unknown, header: string): string | undefined {
  if (value === undefined) return undefined;
  if (!isIdentifier(value)) throw trimaranError("REQUEST_HEADER", { header });
  return value;
}

/** Random bytes are drawn for this many identifiers at once. */
const poolSize = 256;
const bytesPerId = 10;

/** A source of UUIDv7: 48 bits of milliseconds, then 74 random bits. */
export function createIdSource(now: () => number = Date.now): () => string {
  const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
  const pool = new Uint8Array(poolSize * bytesPerId);
  let at = pool.length;
  const byte = (): string => hex[pool[at++]!]!;
  return () => {
    if (at >= pool.length) {
      randomFillSync(pool);
      at = 0;
    }
    const time = now().toString(16).padStart(12, "0");
    pool[at] = (pool[at]! & 0x0f) | 0x70; // version 7
    pool[at + 2] = (pool[at + 2]! & 0x3f) | 0x80; // variant 10
    const high = `${time.slice(0, 8)}-${time.slice(8)}-${byte()}${byte()}-${byte()}${byte()}-`;
    return high + byte() + byte() + byte() + byte() + byte() + byte();
  };
}
