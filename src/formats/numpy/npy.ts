// The .npy file: one array. Rule: numpy/lib/format.py (NEP 1), versions 1 to 3.
//
// file:   93 "NUMPY" · major u8 · minor u8 · header length (u16 in version 1, u32 in 2 and 3) · header · data
// header: the text of a Python dict, padded with spaces, ended by a line feed; UTF-8 in version 3, else Latin-1:
//         {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
// descr:  a type string, or for records a list of (name, descr[, shape])
import { ByteCursor } from "../../base/byte-cursor.ts";
import { arrayError, elementCount, shapeOf } from "./array-errors.ts";
import { type DType, type DTypeField, hasObjects, parseDescr } from "./dtype.ts";
import { makeArray, type NdArray } from "./ndarray.ts";
import { type Literal, parseLiteral } from "./python-literal.ts";

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** numpy's own bound for headers of files that are not trusted. */
const maxHeaderBytes = 10_000;

/** @throws FORMAT_TRUNCATED; ARRAY_INVALID for a bad header, an object dtype, or data that do not fit */
export function readNpy(bytes: Uint8Array, name: string): NdArray {
  const cursor = new ByteCursor(bytes, name);
  const start = cursor.take(8, "the .npy header");
  const version = start[6] as number;
  if (!magic.every((byte, i) => start[i] === byte)) throw arrayError(name, "it is no .npy file");
  if (version < 1 || version > 3) throw arrayError(name, `its .npy version is ${version}`);
  const length = version === 1 ? cursor.u16le("the .npy header") : cursor.u32le("the .npy header");
  if (length > maxHeaderBytes) throw arrayError(name, `its .npy header has ${length} bytes`);
  const header = headerText(cursor.take(length, "the .npy header"), version === 3, name);
  const entries = parseLiteral(header, name);
  if (!(entries instanceof Map) || entries.size !== 3) throw arrayError(name, "its .npy header is wrong");
  const fortran = entries.get("fortran_order");
  const shape = entries.get("shape");
  if (typeof fortran !== "boolean" || !Array.isArray(shape)) throw arrayError(name, "its .npy header is wrong");
  const dtype = dtypeOf(entries.get("descr"), name, 0);
  if (hasObjects(dtype)) throw arrayError(name, "its objects are a pickle, which .npy files may not hold here");
  const sizes = shapeOf({ kind: "tuple", items: shape.map((size) => (typeof size === "number" ? size : null)) }, name);
  const data = { kind: "bytes", value: bytes.subarray(cursor.offset), mutable: false } as const;
  return makeArray({ shape: sizes, dtype, order: fortran ? "F" : "C", data }, name);
}

function headerText(bytes: Uint8Array, isUtf8: boolean, name: string): string {
  if (!isUtf8) return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw arrayError(name, "its .npy header is not UTF-8");
  }
}

const maxDepth = 32;

function dtypeOf(descr: Literal | undefined, name: string, depth: number): DType {
  if (typeof descr === "string") return parseDescr(descr, name);
  if (!Array.isArray(descr) || depth > maxDepth) throw arrayError(name, "its dtype is not known");
  const fields: DTypeField[] = [];
  let offset = 0;
  for (const item of descr) {
    if (!Array.isArray(item) || item.length < 2 || item.length > 3) throw arrayError(name, "its dtype is not known");
    const [label, inner, shape] = item;
    const base = dtypeOf(inner, name, depth + 1);
    const dtype = shape === undefined ? base : subarrayOf(base, shape, name);
    // An empty name is padding; a field with a title is (title, name).
    const fieldName = Array.isArray(label) ? label[1] : label;
    if (typeof fieldName !== "string") throw arrayError(name, "the field names of its dtype are wrong");
    if (fields.some((known) => known.name === fieldName))
      throw arrayError(name, "the field names of its dtype are wrong");
    if (fieldName !== "") fields.push({ name: fieldName, dtype, offset });
    offset += dtype.itemsize;
  }
  return { kind: "V", itemsize: offset, littleEndian: true, fields, subarray: null };
}

function subarrayOf(base: DType, shape: Literal, name: string): DType {
  const items = Array.isArray(shape) ? shape : [shape];
  const sizes = items.map((size) => (typeof size === "number" && Number.isSafeInteger(size) && size >= 0 ? size : -1));
  if (sizes.includes(-1)) throw arrayError(name, "its subarray dtype has no shape");
  const itemsize = base.itemsize * elementCount(sizes, name);
  return { kind: "V", itemsize, littleEndian: true, fields: null, subarray: { base, shape: sizes } };
}
