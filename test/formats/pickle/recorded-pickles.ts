// The pickles that test/golden/make_pickles.py recorded with CPython.
import { readFileSync } from "node:fs";

export interface RecordedCase {
  readonly name: string;
  /** The value as JSON, in the form of plain-value.ts. */
  readonly value: string;
  /** Base64 by writer and protocol: `c4` is the C pickler at protocol 4, `py0` the Python one at protocol 0. */
  readonly pickles: Readonly<Record<string, string>>;
}

interface Recorded {
  readonly python: string;
  readonly cases: readonly RecordedCase[];
}

const file = new URL("./recorded-pickles.json", import.meta.url);

export function recordedPickles(): Recorded {
  return JSON.parse(readFileSync(file, "utf8")) as Recorded;
}

export function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "base64"));
}
