// The payloads of recorded/archives.json (the same rule as in test/golden/make_archives.py) and the recorded files.
import { readFileSync } from "node:fs";

function numbers(count: number): number[] {
  let seed = 1n;
  return Array.from({ length: count }, () => {
    seed = (seed * 1103515245n + 12345n) % 2n ** 31n;
    return Number(seed >> 16n);
  });
}

const words = ["trip", "distance", "PU_DO", "=", "forest", "0.5", "\n", "leaf", "é", "longer than a word"];
const encoder = new TextEncoder();

export const payloads: Readonly<Record<string, Uint8Array>> = {
  empty: new Uint8Array(0),
  one: encoder.encode("x"),
  noise: Uint8Array.from(numbers(700), (n) => n & 255),
  runs: Uint8Array.from({ length: 88_261 }, (_, i) => (i < 70_000 ? 0 : i < 88_000 ? 0x61 + (i % 2) : 255)),
  text: encoder.encode(
    numbers(2500)
      .map((n) => words[n % words.length])
      .join(""),
  ),
};

export interface RecordedFile {
  readonly codec: string;
  readonly variant: string;
  readonly payload: string;
  readonly base64: string;
}

interface Recorded {
  readonly files: readonly RecordedFile[];
  readonly zips: readonly { readonly variant: string; readonly base64: string }[];
}

const recorded: Recorded = JSON.parse(readFileSync(new URL("./recorded/archives.json", import.meta.url), "utf8"));

export const recordedFiles: readonly RecordedFile[] = recorded.files;

export function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, "base64"));
}

/** The recorded bytes of one file; throws when it was not recorded. */
export function recordedBytes(codec: string, variant: string, payload: string): Uint8Array {
  const file = recorded.files.find((f) => f.codec === codec && f.variant === variant && f.payload === payload);
  if (file === undefined) throw new Error(`${codec} ${variant} ${payload} is not recorded`);
  return bytesOf(file.base64);
}

export function recordedZip(variant: string): Uint8Array {
  const file = recorded.zips.find((zip) => zip.variant === variant);
  if (file === undefined) throw new Error(`the zip ${variant} is not recorded`);
  return bytesOf(file.base64);
}
