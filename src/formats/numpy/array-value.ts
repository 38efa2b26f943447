// Arrays and dtypes back as the inert objects that a pickle of them would hold, for containers that are no pickles.
import { type PyDict, type PyObject, type PyValue, pyGlobal, pyObject, pyTuple } from "../pickle/tree.ts";
import type { DType } from "./dtype.ts";
import type { NdArray } from "./ndarray.ts";

/** `numpy.core.numeric._frombuffer(bytes, dtype, shape, "C")`. */
export function arrayValue(array: NdArray): PyObject {
  const shape = pyTuple(array.shape);
  return pyObject(pyGlobal("numpy.core.numeric", "_frombuffer", 0), [
    bytesOf(array),
    dtypeValue(array.dtype),
    shape,
    "C",
  ]);
}

/** `numpy.core.multiarray.scalar(dtype, bytes)` of an array that holds one element. */
export function scalarValue(array: NdArray): PyObject {
  return pyObject(pyGlobal("numpy.core.multiarray", "scalar", 0), [dtypeValue(array.dtype), bytesOf(array)]);
}

/** An array of Python objects: `_reconstruct`, whose state holds them as a list. */
export function objectArrayValue(shape: readonly number[], items: readonly PyValue[]): PyObject {
  const state = pyTuple([1, pyTuple(shape), dtypeValue(objectType), false, { kind: "list", items: [...items] }]);
  const args = [
    pyGlobal("numpy", "ndarray", 0),
    pyTuple([0]),
    { kind: "bytes", value: new Uint8Array(1), mutable: false },
  ] as const;
  return pyObject(pyGlobal("numpy.core.multiarray", "_reconstruct", 0), args, [state]);
}

const objectType: DType = { kind: "O", itemsize: 8, littleEndian: true, fields: null, subarray: null };

function bytesOf(array: NdArray): PyValue {
  return { kind: "bytes", value: array.bytes, mutable: false };
}

/** `numpy.dtype(descr, False, True)` with its state. */
export function dtypeValue(dtype: DType): PyObject {
  const { kind, itemsize, fields, subarray } = dtype;
  const size = kind === "U" ? itemsize / 4 : itemsize;
  const order = fields !== null || subarray !== null ? "|" : dtype.littleEndian ? "<" : ">";
  const isSized = kind === "U" || kind === "S" || kind === "V";
  const state = pyTuple([
    3,
    order,
    subarray === null ? null : pyTuple([dtypeValue(subarray.base), pyTuple(subarray.shape)]),
    fields === null ? null : pyTuple(fields.map((field) => field.name)),
    fields === null ? null : fieldsValue(fields),
    isSized ? itemsize : -1,
    isSized ? 1 : -1,
    0,
  ]);
  return pyObject(pyGlobal("numpy", "dtype", 0), [`${kind}${size}`, false, true], [state]);
}

function fieldsValue(fields: NonNullable<DType["fields"]>): PyDict {
  return {
    kind: "dict",
    keys: fields.map((field) => field.name),
    values: fields.map((field) => pyTuple([dtypeValue(field.dtype), field.offset])),
  };
}
