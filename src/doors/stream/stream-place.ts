// Where a stream reads and writes, as a user names it: `kafka://…`, `file:events.ndjson` or a plain path, `-`.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { trimaranError } from "../../base/errors.ts";

export type StreamPlace =
  | { readonly kind: "kafka"; readonly url: string }
  /** An absolute path. */
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "standard" };

/** `use`: `read from` or `write to`. @throws STREAM_URL */
export function readStreamPlace(text: string, use: "read from" | "write to"): StreamPlace {
  if (text === "-") return { kind: "standard" };
  if (/^kafkas?:\/\//i.test(text)) return { kind: "kafka", url: text };
  const refuse = (): Error => {
    const standard = use === "read from" ? "stdin" : "stdout";
    // An address may hold a password.
    return trimaranError("STREAM_URL", { url: text.replace(/\/\/[^/]*@/, "//…@"), use, standard });
  };
  if (/^file:/i.test(text)) {
    const rest = text.slice("file:".length);
    if (rest === "") throw refuse();
    if (!rest.startsWith("//")) return { kind: "file", path: resolve(rest) };
    try {
      return { kind: "file", path: fileURLToPath(text) };
    } catch {
      throw refuse();
    }
  }
  if (text === "" || /^[a-z][a-z0-9+.-]+:/i.test(text)) throw refuse();
  return { kind: "file", path: resolve(text) };
}

/** The topic of an address of Kafka, for the name of its schema. */
export function outputTopicOf(place: StreamPlace): string | null {
  return place.kind === "kafka" ? (/^[^:]+:\/\/[^/]*\/([^/?#,]+)/.exec(place.url)?.[1] ?? null) : null;
}
