// The numbers of a pickle that are not fixed-size: decimal text and little-endian two's complement. Each returns undefined
// when the text is not sound.

const decimalInteger = /^[ \t]*[+-]?[0-9]+[ \t\r]*$/;
const decimalFloat = /^[ \t]*[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf|infinity|nan)[ \t\r]*$/i;

/** A `number` when exactly representable, else a `bigint`. */
export function parseInteger(text: string): number | bigint | undefined {
  if (!decimalInteger.test(text)) return undefined;
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number === 0 ? 0 : number;
  return BigInt(text.trim());
}

/** What Python's `float(text)` gives for anything that `repr` writes. */
export function parseFloat64(text: string): number | undefined {
  if (!decimalFloat.test(text)) return undefined;
  const word = text.trim().toLowerCase();
  if (word.endsWith("nan")) return Number.NaN;
  if (/^[+-]?inf/.test(word)) return word.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(word);
}

/** LONG1 and LONG4: the sign stands in the last byte; no bytes are 0. */
export function integerFromTwosComplement(bytes: Uint8Array): number | bigint {
  const size = bytes.length;
  if (size === 0) return 0;
  if (size <= 6) {
    let value = ((bytes[size - 1] as number) << 24) >> 24;
    for (let i = size - 2; i >= 0; i--) value = value * 256 + (bytes[i] as number);
    return value;
  }
  let hex = "0x";
  for (let i = size - 1; i >= 0; i--) hex += (bytes[i] as number).toString(16).padStart(2, "0");
  const value = BigInt.asIntN(size * 8, BigInt(hex));
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
