// The numbers of an array as a typed array of their own type, in the byte order of the machine.
// Typed arrays have the machine's byte order; every machine that runs JavaScript engines today is little-endian.
import { arrayTypeError } from "./array-errors.ts";
import { type DType, describeDType } from "./dtype.ts";
import type { NdArray } from "./ndarray.ts";

export type Elements =
  | { readonly kind: "number"; readonly values: NumberElements }
  | { readonly kind: "bigint"; readonly values: BigInt64Array | BigUint64Array };

export type NumberElements =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** Whether `elements` can read the dtype: bool, int, unsigned and float of 2, 4 or 8 bytes. */
export function isNumeric(dtype: DType): boolean {
  if (dtype.fields !== null || dtype.subarray !== null) return false;
  return dtype.kind === "b" || dtype.kind === "i" || dtype.kind === "u" || (dtype.kind === "f" && dtype.itemsize <= 8);
}

/**
 * The elements in their own type, as a fresh array or a view of the file: read it at once, do not keep or change it.
 * float16 comes as Float32Array.
 *
 * @throws ARRAY_TYPE
 */
export function elements(array: NdArray, wanted: string): Elements {
  const { dtype } = array;
  if (!isNumeric(dtype)) throw arrayTypeError(array.path, describeDType(dtype), wanted);
  const buffer = nativeBuffer(array.bytes, dtype);
  const { bytes, count } = { bytes: buffer, count: array.size };
  const place = [bytes.buffer, bytes.byteOffset, count] as const;
  if (dtype.kind === "f") {
    if (dtype.itemsize === 2) return { kind: "number", values: halfFloats(new Uint16Array(...place)) };
    return { kind: "number", values: dtype.itemsize === 4 ? new Float32Array(...place) : new Float64Array(...place) };
  }
  const signed = dtype.kind === "i";
  switch (dtype.itemsize) {
    case 1:
      return { kind: "number", values: signed ? new Int8Array(...place) : new Uint8Array(...place) };
    case 2:
      return { kind: "number", values: signed ? new Int16Array(...place) : new Uint16Array(...place) };
    case 4:
      return { kind: "number", values: signed ? new Int32Array(...place) : new Uint32Array(...place) };
    default:
      return { kind: "bigint", values: signed ? new BigInt64Array(...place) : new BigUint64Array(...place) };
  }
}

/** The same bytes, copied when they are not aligned to their size, and swapped when they are big-endian. */
function nativeBuffer(bytes: Uint8Array, dtype: DType): Uint8Array {
  const { itemsize, littleEndian } = dtype;
  if (littleEndian || itemsize === 1) return bytes.byteOffset % itemsize === 0 ? bytes : new Uint8Array(bytes);
  return swapped(bytes, itemsize);
}

/** A copy in which the bytes of every `width`-byte word are reversed. */
export function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let start = 0; start < bytes.length; start += width) {
    for (let i = 0; i < width; i++) out[start + i] = bytes[start + width - 1 - i] as number;
  }
  return out;
}

/** IEEE binary16: sign 1, exponent 5 (bias 15), fraction 10. Every value is exact in float32. */
function halfFloats(words: Uint16Array): Float32Array {
  return Float32Array.from(words, (word) => {
    const sign = word & 0x8000 ? -1 : 1;
    const exponent = (word >> 10) & 31;
    const fraction = word & 1023;
    if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
}
