// Numbers out of arrays. Every result is a fresh array in row-major order, never a view of the file.
import { isNode, type PyValue } from "../pickle/tree.ts";
import { arrayError, arrayTypeError } from "./array-errors.ts";
import { describeDType } from "./dtype.ts";
import { elements } from "./elements.ts";
import type { NdArray } from "./ndarray.ts";

/** Any numbers or bools as doubles; 64-bit integers are rounded as numpy's `astype(float64)` does. @throws ARRAY_TYPE */
export function toFloat64(array: NdArray): Float64Array {
  if (array.objects !== null) return Float64Array.from(array.objects, (value) => objectNumber(value, array));
  const read = elements(array, "numbers");
  return read.kind === "number" ? new Float64Array(read.values) : wideToFloat64(read.values);
}

/** Any numbers as floats; doubles are rounded to the nearest float32, ties to even. @throws ARRAY_TYPE */
export function toFloat32(array: NdArray): Float32Array {
  if (array.objects === null && array.dtype.kind === "f") {
    const read = elements(array, "numbers");
    if (read.kind === "number") return new Float32Array(read.values);
  }
  return new Float32Array(toFloat64(array));
}

/**
 * Integers and bools that fit into 32 bits with sign.
 *
 * @throws ARRAY_TYPE for floats and everything else
 * @throws ARRAY_INVALID for a number that does not fit
 */
export function toInt32(array: NdArray): Int32Array {
  if (array.objects !== null) return Int32Array.from(array.objects, (value) => objectInteger(value, array));
  if (array.dtype.kind === "f") throw arrayTypeError(array.path, describeDType(array.dtype), "integers");
  const read = elements(array, "integers");
  if (read.kind === "bigint") return wideToInt32(read.values, array.path);
  if (read.values instanceof Uint32Array && read.values.some((value) => value > 0x7fffffff)) throw tooLarge(array.path);
  return new Int32Array(read.values);
}

/** The numbers as a plain array. @throws ARRAY_TYPE */
export function toNumbers(array: NdArray): number[] {
  return Array.from(toFloat64(array));
}

function objectNumber(value: PyValue, array: NdArray): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint" || typeof value === "boolean") return Number(value);
  if (isNode(value) && value.kind === "float") return value.value;
  throw arrayTypeError(array.path, describeDType(array.dtype), "numbers");
}

function objectInteger(value: PyValue, array: NdArray): number {
  if (typeof value === "boolean") return Number(value);
  if (typeof value !== "number" && typeof value !== "bigint") {
    throw arrayTypeError(array.path, describeDType(array.dtype), "integers");
  }
  const number = Number(value);
  if (number !== (number | 0)) throw tooLarge(array.path);
  return number;
}

function tooLarge(path: string): Error {
  return arrayError(path, "an integer does not fit into 32 bits");
}

/** Both halves are exact doubles and only the sum is rounded, so the result is the nearest double. */
function wideToFloat64(values: BigInt64Array | BigUint64Array): Float64Array {
  const halves = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const signed = values instanceof BigInt64Array;
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const high = halves[2 * i + 1] as number;
    out[i] = (signed ? high | 0 : high) * 0x1_0000_0000 + (halves[2 * i] as number);
  }
  return out;
}

function wideToInt32(values: BigInt64Array | BigUint64Array, path: string): Int32Array {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const signed = values instanceof BigInt64Array;
  const out = new Int32Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const low = halves[2 * i] as number;
    const high = halves[2 * i + 1] as number;
    if (high !== low >> 31 || (!signed && high !== 0)) throw tooLarge(path);
    out[i] = low;
  }
  return out;
}
