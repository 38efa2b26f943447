// The five ways in which a pickle writes text, as JavaScript strings. Each returns undefined when the bytes are not sound.
//
// Python strings may hold lone surrogates and so may JavaScript's: they survive. (A high surrogate followed by a low one is two
// characters in Python and cannot be told from the pair here.)

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const shortBytes = 128;
const chunkUnits = 4096;
const backslash = 0x5c;

/** UTF-8 with Python's "surrogatepass". */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  // Short text that is not ASCII is decoded here, because a failing TextDecoder costs microseconds.
  if (bytes.length <= shortBytes && !isAscii(bytes)) return decodeSurrogatePass(bytes);
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return decodeSurrogatePass(bytes);
  }
}

/** Each byte is a character. (TextDecoder's "latin1" is windows-1252.) */
export function decodeLatin1(bytes: Uint8Array): string {
  if (bytes.length <= shortBytes && isAscii(bytes)) return strictUtf8.decode(bytes);
  let text = "";
  for (let start = 0; start < bytes.length; start += chunkUnits) {
    text += fromUnits(bytes.subarray(start, start + chunkUnits));
  }
  return text;
}

/** The reverse of latin-1, or undefined when a character is above U+00FF. */
export function encodeLatin1(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0xff) return undefined;
    bytes[i] = unit;
  }
  return bytes;
}

/** UNICODE: latin-1, except `\uXXXX` and `\UXXXXXXXX`. A backslash before anything else stands for itself, with what follows. */
export function decodeRawUnicodeEscape(bytes: Uint8Array): string | undefined {
  if (!bytes.includes(backslash)) return decodeLatin1(bytes);
  const out = new UnitBuffer(bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    const next = bytes[i + 1];
    if (byte !== backslash || next === undefined) {
      out.push(byte);
    } else if (next === 0x75 || next === 0x55) {
      const digits = next === 0x75 ? 4 : 8;
      const point = hexNumber(bytes, i + 2, digits);
      if (point === undefined || point > 0x10ffff) return undefined;
      out.pushPoint(point);
      i += 1 + digits;
    } else {
      out.push(byte);
      out.push(next);
      i++;
    }
  }
  return out.toString();
}

/** STRING: the repr of a Python-2 str, with its quotes; the bytes it stands for, as latin-1. */
export function decodeQuoted(bytes: Uint8Array): string | undefined {
  const quote = bytes[0];
  const last = bytes.length - 1;
  if (last < 1 || (quote !== 0x27 && quote !== 0x22) || bytes[last] !== quote) return undefined;
  const inner = bytes.subarray(1, last);
  if (!inner.includes(backslash)) return decodeLatin1(inner);
  const out = new UnitBuffer(inner.length);
  for (let i = 0; i < inner.length; i++) {
    const byte = inner[i] as number;
    if (byte !== backslash) {
      out.push(byte);
      continue;
    }
    i++;
    const next = inner[i];
    if (next === undefined) return undefined;
    const simple = simpleEscapes.get(next);
    if (simple !== undefined) {
      out.push(simple);
    } else if (next === 0x78) {
      const value = hexNumber(inner, i + 1, 2);
      if (value === undefined) return undefined;
      out.push(value);
      i += 2;
    } else if (isOctal(next)) {
      let value = 0;
      const stop = Math.min(i + 3, inner.length);
      while (i < stop && isOctal(inner[i])) value = value * 8 + (inner[i++] as number) - 0x30;
      i--;
      out.push(value & 0xff);
    } else {
      out.push(backslash);
      out.push(next);
    }
  }
  return out.toString();
}

const simpleEscapes: ReadonlyMap<number, number> = new Map([
  [0x5c, 0x5c],
  [0x27, 0x27],
  [0x22, 0x22],
  [0x61, 0x07],
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
  [0x76, 0x0b],
]);

function isOctal(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x37;
}

function hexNumber(bytes: Uint8Array, start: number, digits: number): number | undefined {
  let value = 0;
  for (let i = start; i < start + digits; i++) {
    const byte = bytes[i] ?? 0;
    const lower = byte | 0x20;
    const digit = byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
    if (digit < 0) return undefined;
    value = value * 16 + digit;
  }
  return value;
}

function isAscii(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if ((bytes[i] as number) > 0x7f) return false;
  return true;
}

// RFC 3629, with ED A0 80 … ED BF BF (U+D800 … U+DFFF) let through.
function decodeSurrogatePass(bytes: Uint8Array): string | undefined {
  const out = new UnitBuffer(bytes.length);
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes[i++] as number;
    if (lead < 0x80) {
      out.push(lead);
      continue;
    }
    const more =
      lead >= 0xc2 && lead <= 0xdf ? 1 : lead >= 0xe0 && lead <= 0xef ? 2 : lead >= 0xf0 && lead <= 0xf4 ? 3 : 0;
    if (more === 0 || i + more > bytes.length) return undefined;
    let point = lead & (0x3f >> more);
    for (let k = 0; k < more; k++) {
      const byte = bytes[i++] as number;
      if ((byte & 0xc0) !== 0x80) return undefined;
      point = (point << 6) | (byte & 0x3f);
    }
    if (point > 0x10ffff || (more === 2 && point < 0x800) || (more === 3 && point < 0x10000)) return undefined;
    out.pushPoint(point);
  }
  return out.toString();
}

function fromUnits(units: Uint8Array | Uint16Array): string {
  return String.fromCharCode.apply(null, units as unknown as number[]);
}

/** UTF-16 code units, at most as many as there were bytes. */
class UnitBuffer {
  readonly #units: Uint16Array;
  #length = 0;

  constructor(capacity: number) {
    this.#units = new Uint16Array(capacity);
  }

  push(unit: number): void {
    this.#units[this.#length++] = unit;
  }

  pushPoint(point: number): void {
    if (point < 0x10000) {
      this.push(point);
    } else {
      this.push(0xd800 + ((point - 0x10000) >> 10));
      this.push(0xdc00 + ((point - 0x10000) & 0x3ff));
    }
  }

  toString(): string {
    let text = "";
    for (let start = 0; start < this.#length; start += chunkUnits) {
      text += fromUnits(this.#units.subarray(start, Math.min(start + chunkUnits, this.#length)));
    }
    return text;
  }
}
