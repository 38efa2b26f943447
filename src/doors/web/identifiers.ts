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

/** Random digits are drawn for this many identifiers at once. */
const poolSize = 256;
const digitsPerId = 19;
const variants = ["8", "9", "a", "b"] as const;

/** A source of UUIDv7: 48 bits of milliseconds, then 74 random bits. */
export function createIdSource(now: () => number = Date.now): () => string {
  const bytes = Buffer.alloc((poolSize * digitsPerId) / 2);
  let digits = "";
  let at = poolSize * digitsPerId;
  let stamped = Number.NaN;
  let stamp = "";
  return () => {
    if (at >= poolSize * digitsPerId) {
      digits = randomFillSync(bytes).toString("hex");
      at = 0;
    }
    const from = at;
    at += digitsPerId;
    const time = now();
    if (time !== stamped) {
      const hex = time.toString(16).padStart(12, "0");
      stamp = `${hex.slice(0, 8)}-${hex.slice(8)}-7`;
      stamped = time;
    }
    const code = digits.charCodeAt(from);
    // Two bits of a digit: `0` is 48, `a` is 97.
    const variant = variants[(code < 58 ? code : code - 39) & 3]!;
    return `${stamp}${digits.slice(from + 1, from + 4)}-${variant}${digits.slice(from + 4, from + 7)}-${digits.slice(from + 7, at)}`;
  };
}
