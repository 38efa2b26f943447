// Values of OpenTelemetry's attributes: from protobuf to JSON's text, and from that to protobuf's own JSON. Whole numbers stay
// whole and fractions stay fractions, as Python tells `1` from `1.0`.
import type { JsonValue } from "../../mlflow/wire/field-type.ts";
import { malformed, protoFields, protoText } from "./protobuf-reader.ts";

const maxDepth = 64;

/** @throws WireError */
export function anyValueText(message: Uint8Array, depth = 0): string {
  if (depth > maxDepth) throw malformed();
  let text = "null";
  for (const field of protoFields(message)) {
    switch (field.number) {
      case 1:
        text = JSON.stringify(protoText(field));
        break;
      case 2:
        text = field.bits === 0n ? "false" : "true";
        break;
      case 3:
        text = String(BigInt.asIntN(64, field.bits));
        break;
      case 4:
        text = doubleText(field.bits);
        break;
      case 5:
        text = `[${listed(field.bytes, depth).join(", ")}]`;
        break;
      case 6:
        text = recordText(keyValues(field.bytes, { number: 1, depth: depth + 1 }));
        break;
      case 7:
        text = JSON.stringify(base64(field.bytes));
        break;
    }
  }
  return text;
}

function listed(message: Uint8Array, depth: number): string[] {
  const texts: string[] = [];
  for (const { number, bytes } of protoFields(message)) if (number === 1) texts.push(anyValueText(bytes, depth + 1));
  return texts;
}

/** The attributes that stand in the field of that number, each as JSON's text. @throws WireError */
export function keyValues(
  message: Uint8Array,
  { number, depth = 0 }: { readonly number: number; readonly depth?: number },
): Map<string, string> {
  const values = new Map<string, string>();
  for (const field of protoFields(message)) if (field.number === number) putKeyValue(values, field.bytes, depth);
  return values;
}

/** @throws WireError */
export function putKeyValue(values: Map<string, string>, message: Uint8Array, depth = 0): void {
  let key = "";
  let text = "null";
  for (const field of protoFields(message)) {
    if (field.number === 1) key = protoText(field);
    else if (field.number === 2) text = anyValueText(field.bytes, depth);
  }
  values.set(key, text);
}

/** With Python's blanks. */
export function recordText(values: ReadonlyMap<string, string>): string {
  return `{${[...values].map(([key, text]) => `${JSON.stringify(key)}: ${text}`).join(", ")}}`;
}

function doubleText(bits: bigint): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  const number = view.getFloat64(0);
  if (!Number.isFinite(number)) return JSON.stringify(String(number));
  const text = String(number);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

/** A number as it was written. */
export class ExactNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** JSON whose numbers come as they were written; undefined when it is none. */
export function parseExact(text: string): unknown {
  const revive = (_: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === "number" ? new ExactNumber(context?.source ?? String(value)) : value;
  try {
    return JSON.parse(text, revive as (key: string, value: unknown) => unknown) as unknown;
  } catch {
    return undefined;
  }
}

/** What `parseExact` gave, as protobuf writes an AnyValue in JSON. */
export function anyValueJson(value: unknown): JsonValue {
  if (value === null || value === undefined) return {};
  if (typeof value === "boolean") return { bool_value: value };
  if (typeof value === "string") return { string_value: value };
  if (value instanceof ExactNumber) {
    const isWhole = /^-?\d{1,18}$/.test(value.source);
    return isWhole ? { int_value: wholeJson(value) } : { double_value: Number(value.source) };
  }
  if (Array.isArray(value)) return { array_value: { values: value.map(anyValueJson) } };
  return { kvlist_value: { values: keyValuesJson(value as Readonly<Record<string, unknown>>) } };
}

export function keyValuesJson(record: Readonly<Record<string, unknown>>): JsonValue[] {
  return Object.entries(record).map(([key, value]) => ({ key, value: anyValueJson(value) }));
}

/** A text where a number would lose digits. */
export function wholeJson({ source }: ExactNumber): JsonValue {
  const number = Number(source);
  return Number.isSafeInteger(number) ? number : source;
}
