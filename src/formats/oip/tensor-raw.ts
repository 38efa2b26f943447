// A tensor's data as raw bytes: little-endian, row-major, BOOL a byte each, BYTES each a 32-bit length and so many bytes.
import { datatypeFacts, type TensorDatatype } from "./datatype.ts";
import { fromBfloat, fromHalf, toBfloat, toHalf } from "./half-float.ts";
import { dataProblem, type OipTensor, product } from "./tensor.ts";
import {
  type BytesElement,
  type DatatypeData,
  isBigIntData,
  isBytesData,
  type NumberData,
  newBigInts,
  newNumbers,
} from "./tensor-data.ts";

interface Wanted {
  readonly name: string;
  readonly datatype: TensorDatatype;
  readonly shape: readonly number[];
}

/** Reads all of `bytes`; the data is a copy. @throws OIP_DATA */
export function dataFromRaw({ name, datatype, shape }: Wanted, bytes: Uint8Array): DatatypeData {
  const length = product(shape);
  const { bytes: each } = datatypeFacts(datatype);
  if (each === null) return bytesElements({ name, length }, bytes);
  if (bytes.length !== length * each) {
    throw dataProblem(name, `${length} elements of ${datatype} are ${length * each} bytes, not ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (datatype === "INT64" || datatype === "UINT64") {
    const data = newBigInts(datatype, length);
    const read = datatype === "INT64" ? view.getBigInt64 : view.getBigUint64;
    for (let at = 0; at < length; at++) data[at] = read.call(view, at * 8, true);
    return data;
  }
  const data = newNumbers(datatype, length);
  for (let at = 0; at < length; at++) data[at] = readers[datatype as NumberType](view, at * each);
  if (datatype === "BOOL" && data.some((value) => value > 1)) throw dataProblem(name, "a BOOL is neither 0 nor 1");
  return data;
}

type NumberType = Exclude<TensorDatatype, "INT64" | "UINT64" | "BYTES">;

const readers: { readonly [Type in NumberType]: (view: DataView, offset: number) => number } = {
  BOOL: (view, offset) => view.getUint8(offset),
  UINT8: (view, offset) => view.getUint8(offset),
  UINT16: (view, offset) => view.getUint16(offset, true),
  UINT32: (view, offset) => view.getUint32(offset, true),
  INT8: (view, offset) => view.getInt8(offset),
  INT16: (view, offset) => view.getInt16(offset, true),
  INT32: (view, offset) => view.getInt32(offset, true),
  FP16: (view, offset) => fromHalf(view.getUint16(offset, true)),
  BF16: (view, offset) => fromBfloat(view.getUint16(offset, true)),
  FP32: (view, offset) => view.getFloat32(offset, true),
  FP64: (view, offset) => view.getFloat64(offset, true),
};

const writers: { readonly [Type in NumberType]: (view: DataView, offset: number, value: number) => void } = {
  BOOL: (view, offset, value) => view.setUint8(offset, value === 0 ? 0 : 1),
  UINT8: (view, offset, value) => view.setUint8(offset, value),
  UINT16: (view, offset, value) => view.setUint16(offset, value, true),
  UINT32: (view, offset, value) => view.setUint32(offset, value, true),
  INT8: (view, offset, value) => view.setInt8(offset, value),
  INT16: (view, offset, value) => view.setInt16(offset, value, true),
  INT32: (view, offset, value) => view.setInt32(offset, value, true),
  FP16: (view, offset, value) => view.setUint16(offset, toHalf(value), true),
  BF16: (view, offset, value) => view.setUint16(offset, toBfloat(value), true),
  FP32: (view, offset, value) => view.setFloat32(offset, value, true),
  FP64: (view, offset, value) => view.setFloat64(offset, value, true),
};

function bytesElements({ name, length }: { name: string; length: number }, bytes: Uint8Array): BytesElement[] {
  // Each element costs four bytes at least, so that the shape cannot ask for more than was sent.
  if (length * 4 > bytes.length) throw dataProblem(name, `${bytes.length} bytes hold less than ${length} elements`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements: BytesElement[] = [];
  let offset = 0;
  for (let at = 0; at < length; at++) {
    if (bytes.length - offset < 4) throw dataProblem(name, `the bytes end before the length of element ${at}`);
    const size = view.getUint32(offset, true);
    offset += 4;
    if (size > bytes.length - offset) throw dataProblem(name, `the bytes end inside of element ${at}`);
    elements.push(textOrBytes(bytes.subarray(offset, offset + size)));
    offset += size;
  }
  if (offset !== bytes.length) throw dataProblem(name, `${bytes.length - offset} bytes follow its last element`);
  return elements;
}

/** A BOM is part of the text. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text where it is UTF-8, else a copy of the bytes. */
export function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  try {
    return utf8.decode(bytes);
  } catch {
    // The slice of a Buffer would be a view.
    return new Uint8Array(bytes);
  }
}

const encoder = new TextEncoder();

/** @throws OIP_DATA for a missing element of BYTES, which raw bytes cannot say */
export function dataToRaw({ name, datatype, data }: OipTensor): Uint8Array {
  if (isBytesData(data)) return bytesToRaw(name, data);
  const { bytes: each } = datatypeFacts(datatype);
  const bytes = new Uint8Array(data.length * (each ?? 0));
  const view = new DataView(bytes.buffer);
  if (isBigIntData(data)) {
    for (let at = 0; at < data.length; at++) view.setBigUint64(at * 8, BigInt.asUintN(64, data[at] as bigint), true);
    return bytes;
  }
  const write = writers[datatype as NumberType];
  const numbers: NumberData = data;
  for (let at = 0; at < numbers.length; at++) write(view, at * (each ?? 0), numbers[at] as number);
  return bytes;
}

function bytesToRaw(name: string, data: readonly BytesElement[]): Uint8Array {
  const parts = data.map((element, at) => {
    if (element === null) throw dataProblem(name, `element ${at} is missing, which raw bytes cannot say`);
    return typeof element === "string" ? encoder.encode(element) : element;
  });
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const part of parts) {
    view.setUint32(offset, part.length, true);
    bytes.set(part, offset + 4);
    offset += 4 + part.length;
  }
  return bytes;
}
