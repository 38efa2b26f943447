// The arrays that hold a tensor's elements.
import { datatypeFacts, type TensorDatatype } from "./datatype.ts";

/** One element of BYTES: text, bytes that are no UTF-8, or missing. */
export type BytesElement = string | Uint8Array | null;

export type DatatypeData = NumberData | BigIntData | readonly BytesElement[];

export type NumberData =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array;

export type BigIntData = BigInt64Array | BigUint64Array;

export function newData(datatype: TensorDatatype, length: number): DatatypeData {
  if (datatype === "BYTES") return new Array<BytesElement>(length).fill("");
  return datatype === "INT64" || datatype === "UINT64" ? newBigInts(datatype, length) : newNumbers(datatype, length);
}

export function newNumbers(datatype: TensorDatatype, length: number): NumberData {
  switch (datatype) {
    case "UINT16":
      return new Uint16Array(length);
    case "UINT32":
      return new Uint32Array(length);
    case "INT8":
      return new Int8Array(length);
    case "INT16":
      return new Int16Array(length);
    case "INT32":
      return new Int32Array(length);
    case "FP16":
    case "BF16":
    case "FP32":
      return new Float32Array(length);
    case "FP64":
      return new Float64Array(length);
    default:
      return new Uint8Array(length);
  }
}

export function newBigInts(datatype: "INT64" | "UINT64", length: number): BigIntData {
  return datatype === "INT64" ? new BigInt64Array(length) : new BigUint64Array(length);
}

export function isBigIntData(data: DatatypeData): data is BigIntData {
  return data instanceof BigInt64Array || data instanceof BigUint64Array;
}

export function isBytesData(data: DatatypeData): data is readonly BytesElement[] {
  return Array.isArray(data);
}

/** Whether the array is the one that holds this datatype. */
export function fitsDatatype(datatype: TensorDatatype, data: DatatypeData): boolean {
  if (datatypeFacts(datatype).family === "bytes") return isBytesData(data);
  if (isBytesData(data)) return false;
  return newData(datatype, 0).constructor === data.constructor;
}
