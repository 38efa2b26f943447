// Avro's logical types as the values that JSON would hold: decimals as numbers, days, times and moments as ISO 8601 texts; and
// back. Fractions keep all their digits: what only copies a moment loses nothing.
import type { Logical, LogicalName } from "./avro-type.ts";

type Integer = number | bigint;

/** Digits of the fraction, by logical type. */
const digits: Readonly<Partial<Record<LogicalName, number>>> = {
  "time-millis": 3,
  "time-micros": 6,
  "timestamp-millis": 3,
  "timestamp-micros": 6,
  "timestamp-nanos": 9,
  "local-timestamp-millis": 3,
  "local-timestamp-micros": 6,
  "local-timestamp-nanos": 9,
};

const dayMs = 86_400_000;

/** Undefined: no calendar has it (a year beyond 9999). */
export function logicalText(name: LogicalName, value: Integer): string | undefined {
  if (name === "date") return iso(Number(value) * dayMs)?.slice(0, 10);
  const places = digits[name];
  if (places === undefined) return undefined;
  const unit = 10n ** BigInt(places);
  const whole = BigInt(value);
  const seconds = (whole - (((whole % unit) + unit) % unit)) / unit;
  const fraction = String(((whole % unit) + unit) % unit).padStart(places, "0");
  const text = iso(Number(seconds) * 1000)?.slice(0, 19);
  if (text === undefined) return undefined;
  if (name.startsWith("time-")) return seconds < 0n || seconds >= 86_400n ? undefined : `${text.slice(11)}.${fraction}`;
  return `${text}.${fraction}${name.startsWith("local-") ? "" : "Z"}`;
}

function iso(ms: number): string | undefined {
  return ms >= -62_135_596_800_000 && ms < 253_402_300_800_000 ? new Date(ms).toISOString() : undefined;
}

const moment = /^(?:(\d{4}-\d\d-\d\d)[T ])?(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/i;

/** The number that stands for a text; undefined when it is none of this type. */
export function logicalNumber(name: LogicalName, text: string): bigint | undefined {
  if (name === "date") {
    const ms = Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
    return Number.isNaN(ms) ? undefined : BigInt(ms / dayMs);
  }
  const places = digits[name];
  const [, day, time, fraction = "", zone] = moment.exec(text) ?? [];
  if (places === undefined || time === undefined || (day === undefined) !== name.startsWith("time-")) return undefined;
  const ms = Date.parse(`${day ?? "1970-01-01"}T${time}${zone === undefined ? "Z" : zone.toUpperCase()}`);
  if (Number.isNaN(ms)) return undefined;
  return BigInt(ms / 1000) * 10n ** BigInt(places) + BigInt(fraction.padEnd(places, "0").slice(0, places));
}

/** Big-endian two's complement → its decimal text: `-12.50`. */
export function decimalText(bytes: Uint8Array, scale: number): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
  const whole = hex === "" ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`));
  const plain = String(whole < 0n ? -whole : whole).padStart(scale + 1, "0");
  const point = plain.length - scale;
  const text = scale === 0 ? plain : `${plain.slice(0, point)}.${plain.slice(point)}`;
  return whole < 0n ? `-${text}` : text;
}

/** Undefined: no decimal of this scale and precision. */
export function decimalBytes(
  value: unknown,
  { precision, scale }: Extract<Logical, { name: "decimal" }>,
): Buffer | undefined {
  const text = typeof value === "number" ? plainText(value) : String(value);
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = ""] = match;
  if (/[1-9]/.test(fraction.slice(scale))) return undefined;
  const unscaled = BigInt(whole + fraction.slice(0, scale).padEnd(scale, "0"));
  if (String(unscaled).length > precision && unscaled !== 0n) return undefined;
  return twosComplement(sign === "-" ? -unscaled : unscaled);
}

/** Without an exponent. */
function plainText(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toFixed(20).replace(/\.?0+$/, "") : text;
}

function twosComplement(value: bigint): Buffer {
  let length = 1;
  while (BigInt.asIntN(length * 8, value) !== value) length++;
  return Buffer.from(
    BigInt.asUintN(length * 8, value)
      .toString(16)
      .padStart(length * 2, "0"),
    "hex",
  );
}
