// Fields of record arrays as typed arrays: one strided pass over the bytes, without a DataView where the record allows.
// A record array of a forest has 64-byte records; those of histogram boosting are packed (52 or 56 bytes, unaligned).
import { trimaranError } from "../../base/errors.ts";
import { arrayError, arrayTypeError } from "./array-errors.ts";
import { type DType, type DTypeField, describeDType } from "./dtype.ts";
import type { NdArray } from "./ndarray.ts";
import { toFloat64, toInt32 } from "./to-numbers.ts";

/** One field of a record array as an array of its own (a fresh copy). @throws ARRAY_INVALID when there is no such field */
export function field(array: NdArray, name: string): NdArray {
  const { offset, dtype } = fieldOf(array, name, array.path);
  const stride = array.dtype.itemsize;
  const width = dtype.itemsize;
  const out = new Uint8Array(array.size * width);
  const { bytes } = array;
  for (let i = 0, from = offset; i < array.size; i++, from += stride) {
    for (let j = 0; j < width; j++) out[i * width + j] = bytes[from + j] as number;
  }
  const shape = dtype.subarray === null ? array.shape : [...array.shape, ...dtype.subarray.shape];
  const element = dtype.subarray?.base ?? dtype;
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  return { shape, size, dtype: element, bytes: out, objects: null, path: `${array.path}['${name}']` };
}

/** An integer field as Int32Array. @throws ARRAY_INVALID for a number beyond 32 bits or a missing field; ARRAY_TYPE */
export function structuredInt32(array: NdArray, name: string, path: string): Int32Array {
  const { offset, dtype } = fieldOf(array, name, path);
  const place = { bytes: array.bytes, stride: array.dtype.itemsize, offset, count: array.size };
  if (!isPlain(dtype, 4, "i") && !isPlain(dtype, 8, "i")) return toInt32({ ...field(array, name), path });
  const words = wordsOf(place);
  const out = new Int32Array(array.size);
  const step = words.step;
  if (dtype.itemsize === 4) {
    for (let i = 0, at = words.first; i < out.length; i++, at += step) out[i] = words.values[at] as number;
    return out;
  }
  let outside = 0;
  for (let i = 0, at = words.first; i < out.length; i++, at += step) {
    const low = words.values[at] as number;
    outside |= (low >> 31) ^ (words.values[at + 1] as number);
    out[i] = low;
  }
  if (outside !== 0) throw arrayError(path, `a number of the field ${name} does not fit into 32 bits`);
  return out;
}

/** A numeric field as doubles. @throws ARRAY_INVALID, ARRAY_TYPE */
export function structuredFloat64(array: NdArray, name: string, path: string): Float64Array {
  const { offset, dtype } = fieldOf(array, name, path);
  if (!isPlain(dtype, 8, "f")) return toFloat64({ ...field(array, name), path });
  const words = wordsOf({ bytes: array.bytes, stride: array.dtype.itemsize, offset, count: array.size });
  const out = new Float64Array(array.size);
  const halves = new Int32Array(out.buffer);
  for (let i = 0, at = words.first; i < out.length; i++, at += words.step) {
    halves[2 * i] = words.values[at] as number;
    halves[2 * i + 1] = words.values[at + 1] as number;
  }
  return out;
}

/** A one-byte unsigned or bool field. @throws ARRAY_INVALID, ARRAY_TYPE */
export function structuredUint8(array: NdArray, name: string, path: string): Uint8Array {
  const { offset, dtype } = fieldOf(array, name, path);
  if (!isPlain(dtype, 1, "u") && !isPlain(dtype, 1, "b")) {
    throw arrayTypeError(path, describeDType(dtype), `the one-byte field ${name}`);
  }
  const out = new Uint8Array(array.size);
  const stride = array.dtype.itemsize;
  for (let i = 0, at = offset; i < out.length; i++, at += stride) out[i] = array.bytes[at] as number;
  return out;
}

function fieldOf(array: NdArray, name: string, path: string): DTypeField {
  const found = array.dtype.fields?.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  throw trimaranError("ARRAY_INVALID", { path, problem: `it has no field ${name}` });
}

function isPlain(dtype: DType, itemsize: number, kind: DType["kind"]): boolean {
  const isSimple = dtype.fields === null && dtype.subarray === null;
  return isSimple && dtype.kind === kind && dtype.itemsize === itemsize && (dtype.littleEndian || itemsize === 1);
}

interface Strided {
  readonly bytes: Uint8Array;
  readonly stride: number;
  readonly offset: number;
  readonly count: number;
}

/** 32-bit words of one field: element i begins at `values[first + i · step]`. */
interface Words {
  readonly values: Int32Array;
  readonly first: number;
  readonly step: number;
}

/** The words in place when all of them are aligned, which the start of an array in a pickle seldom is; else gathered once. */
function wordsOf(place: Strided): Words {
  const { bytes, stride, offset, count } = place;
  if ((bytes.byteOffset | stride | offset) % 4 === 0) {
    const values = new Int32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4));
    return { values, first: offset / 4, step: stride / 4 };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values = new Int32Array(count * 2);
  for (let i = 0, at = offset; i < count; i++, at += stride) {
    values[2 * i] = view.getInt32(at, true);
    if (at + 8 <= bytes.length) values[2 * i + 1] = view.getInt32(at + 4, true);
  }
  return { values, first: 0, step: 2 };
}
