// The JSON text inside a JsonNode: one Python scalar, with Python's NaN and infinities, integers told from floats.
import type { PyValue } from "../pickle/tree.ts";
import { skopsError } from "./skops-node.ts";

const words: ReadonlyMap<string, PyValue> = new Map<string, PyValue>([
  ["null", null],
  ["true", true],
  ["false", false],
  ["NaN", { kind: "float", value: Number.NaN }],
  ["Infinity", { kind: "float", value: Number.POSITIVE_INFINITY }],
  ["-Infinity", { kind: "float", value: Number.NEGATIVE_INFINITY }],
]);

/** Longer integers would take quadratic time, and no model holds one. */
const maxDigits = 1000;

/** @throws FORMAT_DAMAGED */
export function parseJsonScalar(text: string, name: string): PyValue {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (/^-?\d+$/.test(text) && text.length <= maxDigits) {
    const value = Number(text);
    return Number.isSafeInteger(value) ? value : BigInt(text);
  }
  if (/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) && text.length <= maxDigits)
    return { kind: "float", value: Number(text) };
  const value = parseString(text);
  if (value === undefined) throw skopsError(name, "a JsonNode holds no JSON scalar");
  return value;
}

function parseString(text: string): string | undefined {
  if (!text.startsWith('"')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
