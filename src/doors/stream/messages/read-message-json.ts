// The bytes of a message → a JSON value, by the rules of the web door: sound UTF-8, bounded size and depth, no key twice,
// `__proto__` is a key like any other. A fault is an issue, never an exception.
import { isUtf8 } from "node:buffer";
import { describeJsonFault, isSoundJson } from "../../../base/json-fault.ts";
import { parseEscapedNames, parseExactIntegers } from "../../../data/parse-escaped-names.ts";
import { countKeys, scanJson } from "../../../data/scan-json.ts";
import type { RefusedMessage } from "./shape.ts";

export interface MessageLimits {
  /** @default 16 MiB */
  readonly maxBytes: number;
  /** @default 64 */
  readonly maxDepth: number;
}

export const defaultLimits: MessageLimits = { maxBytes: 16 * 1024 * 1024, maxDepth: 64 };

export type ReadMessage = { readonly kind: "value"; readonly value: unknown; readonly text: string } | RefusedMessage;

export function readMessageJson(bytes: Uint8Array, limits: MessageLimits): ReadMessage {
  const { length } = bytes;
  if (length === 0) return refused("empty", "The message is empty.");
  if (length > limits.maxBytes) {
    return refused("too_large", `The message is ${length} bytes long; the limit is ${limits.maxBytes}.`);
  }
  // RFC 8259 lets a reader skip a byte order mark.
  const marked = length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const from = marked ? 3 : 0;
  const isBuffer = from === 0 && bytes instanceof Buffer;
  const buffer = isBuffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset + from, length - from);
  if (!isUtf8(buffer)) return refused("not_json", "The message is not JSON: its bytes are not UTF-8.");
  const { depth, members, escapedNames } = scanJson(buffer);
  if (depth > limits.maxDepth) {
    return refused("too_deep", `The message is nested ${depth} deep; the limit is ${limits.maxDepth}.`);
  }
  const text = buffer.toString("utf8");
  if (escapedNames && !isSoundJson(text)) return notJson(text);
  let value: unknown;
  try {
    value = escapedNames ? parseEscapedNames(text) : JSON.parse(text);
  } catch {
    return notJson(text);
  }
  if (members !== countKeys(value)) return refused("duplicate_key", "The message names a key twice in one object.");
  return { kind: "value", value, text };
}

/** The value of a text that was read before, with integers beyond 2^53 as bigints: for what is copied and not computed with. */
export function exactValue(text: string): unknown {
  return parseExactIntegers(text);
}

export function refused(code: string, message: string, path = ""): RefusedMessage {
  return { kind: "refused", issues: [{ path, code, message }] };
}

function notJson(text: string): ReadMessage {
  return refused("not_json", `The message is not JSON: ${describeJsonFault(text)}.`);
}
