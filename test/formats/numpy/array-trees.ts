// Inert trees of arrays, sound unless a part is told otherwise.
import {
  type PyDict,
  type PyObject,
  type PyValue,
  pyGlobal,
  pyObject,
  pyTuple,
} from "../../../src/formats/pickle/tree.ts";

export const minusOne = -1;

export interface DTypeSpec {
  readonly order?: PyValue;
  readonly subdtype?: PyValue;
  readonly names?: PyValue;
  readonly fields?: PyValue;
  readonly itemsize?: PyValue;
}

export function pyDict(entries: Readonly<Record<string, PyValue>>): PyDict {
  return { kind: "dict", keys: Object.keys(entries), values: Object.values(entries) };
}

export function pyBytes(value: Uint8Array): PyValue {
  return { kind: "bytes", value, mutable: false };
}

export function pyList(items: PyValue[]): PyValue {
  return { kind: "list", items };
}

export function dtype(descr: string, spec: DTypeSpec = {}): PyObject {
  const { order = "<", subdtype = null, names = null, fields = null, itemsize = minusOne } = spec;
  const state = pyTuple([3, order, subdtype, names, fields, itemsize, minusOne, 0]);
  return pyObject(pyGlobal("numpy", "dtype", 0), [descr, false, true], [state]);
}

/** A record dtype of `[name, dtype, offset]` rows. */
export function recordType(itemsize: number, rows: readonly (readonly [string, PyObject, number])[]): PyObject {
  const fields = pyDict(Object.fromEntries(rows.map(([name, type, offset]) => [name, pyTuple([type, offset])])));
  const names = pyTuple(rows.map(([name]) => name));
  return dtype(`V${itemsize}`, { order: "|", names, fields, itemsize });
}

export interface ArraySpec {
  readonly shape?: PyValue;
  readonly dtype?: PyValue;
  readonly fortran?: PyValue;
  readonly data?: PyValue;
  readonly subtype?: PyValue;
}

/** `_reconstruct` and BUILD; one float64 unless told otherwise. */
export function array(spec: ArraySpec = {}): PyObject {
  const { shape = pyTuple([1]), fortran = false, data = pyBytes(new Uint8Array(8)) } = spec;
  const { subtype = pyGlobal("numpy", "ndarray", 0) } = spec;
  const state = pyTuple([1, shape, spec.dtype ?? dtype("f8"), fortran, data]);
  const callee = pyGlobal("numpy.core.multiarray", "_reconstruct", 0);
  return pyObject(callee, [subtype, pyTuple([0]), pyBytes(Uint8Array.of(98))], [state]);
}

export function buffer(data: PyValue, type: PyValue, ...rest: readonly PyValue[]): PyObject {
  return pyObject(pyGlobal("numpy._core.numeric", "_frombuffer", 0), [data, type, ...rest]);
}
