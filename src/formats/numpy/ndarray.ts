// numpy.ndarray in an inert tree, in its two spellings:
//   numpy.core.multiarray._reconstruct(numpy.ndarray, (0,), b"b"), then BUILD (1, shape, dtype, is_fortran, bytes | list)
//   numpy.core.numeric._frombuffer(bytes, dtype, shape, "C" | "F"[, axes with "K"])
// Bytes written by Python 2 are a str of Latin-1 characters. An object array is a list in row-major order whatever the flag says.
import { describeValue, isNode, type PyObject, type PyValue } from "../pickle/tree.ts";
import { arrayError, elementCount, shapeOf, tupleItems } from "./array-errors.ts";
import { type DType, hasObjects, readDType } from "./dtype.ts";
import { isArrayClass, numpyRole } from "./numpy-roles.ts";
import { toRowMajor } from "./row-major.ts";

/** An array whose elements lie in row-major (C) order. */
export interface NdArray {
  readonly shape: readonly number[];
  /** The product of `shape`. */
  readonly size: number;
  readonly dtype: DType;
  /** `size · dtype.itemsize` bytes, in the byte order of `dtype`; a view of the file where its order allows. Empty for objects. */
  readonly bytes: Uint8Array;
  /** The elements when `dtype.kind` is `O`, else null. */
  readonly objects: readonly PyValue[] | null;
  /** Where it stands in the file, for errors. */
  readonly path: string;
}

/** Whether the value is written as an ndarray (not a masked array, a scalar or a sparse matrix). */
export function isArray(value: PyValue | undefined): boolean {
  return arrayObject(value) !== undefined;
}

/** @throws ARRAY_INVALID when the value is no array, or shape, dtype and bytes do not fit together */
export function readArray(value: PyValue | undefined, path: string): NdArray {
  const object = arrayObject(value);
  if (object === undefined) throw arrayError(path, `an array was expected, not ${describeValue(value)}`);
  return numpyRole(object.callee) === "reconstruct" ? readReconstruct(object, path) : readFromBuffer(object, path);
}

function arrayObject(value: PyValue | undefined): PyObject | undefined {
  if (!isNode(value) || value.kind !== "object" || value.via !== "reduce") return undefined;
  const role = numpyRole(value.callee);
  return role === "reconstruct" || role === "frombuffer" ? value : undefined;
}

function readReconstruct(object: PyObject, path: string): NdArray {
  const [subtype] = object.args.items;
  if (!isArrayClass(subtype)) throw arrayError(path, `it is of the class ${describeValue(subtype)}`);
  const [stateValue] = object.states;
  if (object.states.length !== 1) throw arrayError(path, `it was built ${object.states.length} times`);
  const items = tupleItems(stateValue, path, "its state");
  // The version in front is missing in files of the oldest numpy.
  const [shapeValue, dtypeValue, fortran, data] = items.length === 5 ? items.slice(1) : items;
  if (items.length !== 5 && items.length !== 4) throw arrayError(path, `its state has ${items.length} items`);
  const dtype = readDType(dtypeValue, path);
  const isFortran = fortran === true || fortran === 1;
  return makeArray({ shape: shapeOf(shapeValue, path), dtype, order: isFortran ? "F" : "C", data }, path);
}

function readFromBuffer(object: PyObject, path: string): NdArray {
  const [data, dtypeValue, shapeValue, order, axes] = object.args.items;
  const shape = shapeOf(shapeValue, path);
  const dtype = readDType(dtypeValue, path);
  if (order === "K" && axes !== undefined && axes !== null) {
    return makeArray({ shape, dtype, order: readAxes(axes, shape, path), data }, path);
  }
  if (order !== "C" && order !== "F") throw arrayError(path, "its order is neither C nor F");
  return makeArray({ shape, dtype, order, data }, path);
}

/** numpy 2: the bytes are an array of `shape`, and the value is that array with its axes permuted. */
function readAxes(value: PyValue, shape: readonly number[], path: string): readonly number[] {
  const axes = shapeOf(value, path);
  const isPermutation = axes.length === shape.length && new Set(axes).size === axes.length;
  if (!isPermutation || axes.some((axis) => axis >= shape.length)) throw arrayError(path, "its axes are wrong");
  return axes;
}

/** The parts of an array as a file stores them. */
export interface ArrayParts {
  /** The shape of the stored bytes; with axes, the value's shape is this one permuted. */
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** C, F, or the axes of the stored array in the order of the value's. */
  readonly order: "C" | "F" | readonly number[];
  /** bytes, a list for objects, or the text that Python 2 wrote. */
  readonly data: PyValue | undefined;
}

/** Checks that the parts fit together and puts the elements into row-major order. @throws ARRAY_INVALID */
export function makeArray(parts: ArrayParts, path: string): NdArray {
  const { dtype, order, data } = parts;
  const size = elementCount(parts.shape, path);
  const axes = typeof order === "string" ? null : order;
  const shape = axes === null ? parts.shape : axes.map((axis) => parts.shape[axis] ?? 0);
  if (hasObjects(dtype)) {
    if (dtype.kind !== "O") throw arrayError(path, "it is a record that holds Python objects");
    if (axes !== null) throw arrayError(path, "an array of objects has permuted axes");
    const objects = objectItems(data, size, path);
    return { shape, size, dtype, bytes: noBytes, objects, path };
  }
  const stored = rawBytes(data, path);
  if (dtype.itemsize === 0 && size > 0) throw arrayError(path, "its elements have no bytes");
  if (stored.length !== size * dtype.itemsize) {
    const problem = `${size} elements of ${dtype.itemsize} bytes do not fit its ${stored.length} bytes`;
    throw arrayError(path, problem);
  }
  const bytes = order === "C" ? stored : toRowMajor(stored, dtype.itemsize, storedLayout(parts.shape, order));
  return { shape, size, dtype, bytes, objects: null, path };
}

const noBytes = new Uint8Array(0);

function objectItems(data: PyValue | undefined, size: number, path: string): readonly PyValue[] {
  if (!isNode(data) || data.kind !== "list") throw arrayError(path, `its objects are ${describeValue(data)}`);
  if (data.items.length !== size) throw arrayError(path, `it has ${size} elements, but ${data.items.length} objects`);
  return data.items;
}

function rawBytes(data: PyValue | undefined, path: string): Uint8Array {
  if (isNode(data) && data.kind === "bytes") return data.value;
  if (typeof data !== "string") throw arrayError(path, `its data are ${describeValue(data)}`);
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const unit = data.charCodeAt(i);
    if (unit > 255) throw arrayError(path, "its data are text");
    bytes[i] = unit;
  }
  return bytes;
}

/** The bytes as a row-major array of `shape`, and which of its axes each axis of the value is. */
function storedLayout(
  shape: readonly number[],
  order: "F" | readonly number[],
): { shape: readonly number[]; axes: readonly number[] } {
  if (order !== "F") return { shape, axes: order };
  return { shape: shape.toReversed(), axes: shape.map((_, i) => shape.length - 1 - i) };
}

/** Whether a record array has the field. */
export function hasField(array: NdArray, name: string): boolean {
  return array.dtype.fields?.some((field) => field.name === name) ?? false;
}
