// Strings out of arrays: fixed-width Unicode (`U`), fixed-width bytes (`S`, ASCII only) and objects that are str.
import { arrayError, arrayTypeError } from "./array-errors.ts";
import { describeDType } from "./dtype.ts";
import type { NdArray } from "./ndarray.ts";

/** @throws ARRAY_TYPE for anything but strings; ARRAY_INVALID for code points beyond Unicode */
export function toStrings(array: NdArray): string[] {
  const { objects, dtype, path } = array;
  if (objects !== null) {
    return objects.map((value) => {
      if (typeof value === "string") return value;
      throw arrayTypeError(path, describeDType(dtype), "strings");
    });
  }
  if (!isText(array)) throw arrayTypeError(path, describeDType(dtype), "strings");
  return Array.from({ length: array.size }, (_, i) => textAt(array, i));
}

/** Whether the array is of fixed-width strings. */
export function isText(array: NdArray): boolean {
  return (
    array.dtype.fields === null &&
    array.dtype.subarray === null &&
    (array.dtype.kind === "U" || array.dtype.kind === "S")
  );
}

/** Element `index` of a `U` or `S` array, without the NULs that fill it up. */
export function textAt(array: NdArray, index: number): string {
  const { itemsize, kind, littleEndian } = array.dtype;
  const bytes = array.bytes.subarray(index * itemsize, (index + 1) * itemsize);
  return kind === "S" ? asciiText(bytes, array) : unicodeText(bytes, littleEndian, array.path);
}

function asciiText(bytes: Uint8Array, array: NdArray): string {
  if (bytes.some((byte) => byte > 127)) throw arrayTypeError(array.path, "bytes beyond ASCII", "strings");
  return trimNuls(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** Four bytes a code point. Lone surrogates are legal in Python and stay. */
function unicodeText(bytes: Uint8Array, littleEndian: boolean, path: string): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let text = "";
  for (let at = 0; at < bytes.length; at += 4) {
    const point = view.getUint32(at, littleEndian);
    if (point > 0x10ffff) throw arrayError(path, "a string holds no Unicode");
    text += String.fromCodePoint(point);
  }
  return trimNuls(text);
}

function trimNuls(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0) end--;
  return text.slice(0, end);
}
