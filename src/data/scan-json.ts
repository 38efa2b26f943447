// One pass over JSON bytes before anything is parsed: how deep they are nested and how many members their objects write.

export interface JsonScan {
  readonly depth: number;
  /** Members as written: one colon outside of strings each. */
  readonly members: number;
  /** The name of a member is written with a backslash. */
  readonly escapedNames: boolean;
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const space = 0x20;

/**
 * Right for sound JSON; for anything else right up to its first fault. All that counts is ASCII, and no byte of a longer
 * UTF-8 sequence is, so the bytes need no decoding.
 */
export function scanJson(bytes: Uint8Array): JsonScan {
  const end = bytes.length;
  let depth = 0;
  let deepest = 0;
  let members = 0;
  let escapedNames = false;
  for (let at = 0; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === quote) {
      let escaped = false;
      for (at++; at < end; at++) {
        const inner = bytes[at]!;
        if (inner === quote) break;
        if (inner !== backslash) continue;
        escaped = true;
        at++;
      }
      if (escaped && !escapedNames) escapedNames = isName(bytes, at + 1);
    } else if (byte === colon) {
      members++;
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > deepest) deepest = depth;
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--;
    }
  }
  return { depth: deepest, members, escapedNames };
}

/** A string is a name when a colon follows. */
function isName(bytes: Uint8Array, from: number): boolean {
  let at = from;
  while (at < bytes.length && bytes[at]! <= space) at++;
  return bytes[at] === colon;
}

/** The keys of all objects in a parsed value. Fewer than the members that were written: a key came twice. */
export function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index];
      if (typeof item === "object" && item !== null) count += countKeys(item);
    }
    return count;
  }
  const record = value as Readonly<Record<string, unknown>>;
  for (const key in record) {
    count++;
    const item = record[key];
    if (typeof item === "object" && item !== null) count += countKeys(item);
  }
  return count;
}
