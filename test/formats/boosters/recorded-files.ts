// Small recorded models of every container, for tests that damage them.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../golden/boosters/recorded/", import.meta.url));

export function recordedFile(name: string): Uint8Array {
  return new Uint8Array(readFileSync(`${folder}${name}`));
}

export function recordedText(name: string): string {
  return new TextDecoder().decode(recordedFile(name));
}
