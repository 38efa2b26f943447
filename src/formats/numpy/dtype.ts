// numpy.dtype: REDUCE(numpy.dtype, (descr, align, copy)), then BUILD with
//   (version, byteorder, subdtype, names, fields, itemsize, alignment, flags[, metadata])
// descr: kind letter and size ("f8", "i4", "U7" in characters, "V64" in bytes, "O8", "b1", "M8"), rarely with a byte order.
// byteorder: "<", ">", "=" (the writer's own), "|" (none). subdtype: None or (base dtype, shape).
// names: None or a tuple of str; fields: None or {name: (dtype, offset[, title])}. itemsize counts where descr does not.
import { describeValue, isNode, type PyDict, type PyObject, type PyValue } from "../pickle/tree.ts";
import { arrayError, countOf, elementCount, shapeOf, tupleItems } from "./array-errors.ts";
import { numpyRole } from "./numpy-roles.ts";

/**
 * `b` bool, `i` int, `u` unsigned, `f` float, `c` complex, `S` bytes, `U` str (4 bytes a character), `V` record or raw
 * bytes, `O` Python objects, `M` datetime64, `m` timedelta64.
 */
export type DTypeKind = "b" | "i" | "u" | "f" | "c" | "S" | "U" | "V" | "O" | "M" | "m";

export interface DType {
  readonly kind: DTypeKind;
  /** Bytes of one element; for `O` the size that the writer's machine gave a pointer. */
  readonly itemsize: number;
  readonly littleEndian: boolean;
  /** Fields of a record in the order of the file, or null. */
  readonly fields: readonly DTypeField[] | null;
  /** A fixed-size array as one element, or null. */
  readonly subarray: { readonly base: DType; readonly shape: readonly number[] } | null;
}

export interface DTypeField {
  readonly name: string;
  readonly dtype: DType;
  readonly offset: number;
}

/** Nested records are read at most this deep, and at most this many dtypes in one, shared ones each time. */
const maxDepth = 32;
const maxDTypes = 10_000;
const maxItemsize = 0x7fffffff;

const sizes: Readonly<Record<DTypeKind, readonly number[] | null>> = {
  b: [1],
  i: [1, 2, 4, 8],
  u: [1, 2, 4, 8],
  f: [2, 4, 8, 12, 16],
  c: [8, 16, 24, 32],
  S: null,
  U: null,
  V: null,
  O: [4, 8],
  M: [8],
  m: [8],
};

/** @throws ARRAY_INVALID */
export function readDType(value: PyValue | undefined, path: string): DType {
  return readNested(value, path, { left: maxDTypes, depth: 0 });
}

interface Budget {
  left: number;
  depth: number;
}

function readNested(value: PyValue | undefined, path: string, budget: Budget): DType {
  if (budget.left-- <= 0 || budget.depth > maxDepth) throw arrayError(path, "its dtype is nested too deep");
  if (!isNode(value) || value.kind !== "object" || numpyRole(value.callee) !== "dtype") {
    throw arrayError(path, `its dtype is ${describeValue(value)}`);
  }
  budget.depth++;
  const dtype = readObject(value, path, budget);
  budget.depth--;
  return dtype;
}

function readObject(object: PyObject, path: string, budget: Budget): DType {
  const plain = parseDescr(object.args.items[0], path);
  const [stateValue] = object.states;
  if (stateValue === undefined) return plain;
  const state = tupleItems(stateValue, path, "the state of its dtype");
  if (state.length < 8) throw arrayError(path, `the state of its dtype has ${state.length} items`);
  const [, order, subdtype, names, fields, itemsizeValue] = state;
  const littleEndian = isLittleEndian(order, path);
  const itemsize = stateItemsize(plain, itemsizeValue, path);
  if (subdtype !== null)
    return { ...plain, itemsize, littleEndian, subarray: readSubarray(subdtype, itemsize, { path, budget }) };
  if (names === null || names === undefined) return { ...plain, itemsize, littleEndian };
  if (plain.kind !== "V" || !isNode(fields) || fields.kind !== "dict")
    throw arrayError(path, "its dtype has no fields");
  return { ...plain, itemsize, littleEndian, fields: readFields(names, fields, { path, budget, itemsize }) };
}

/** The size in the state counts for S, U and V; for the others numpy writes −1. */
function stateItemsize(plain: DType, value: PyValue | undefined, path: string): number {
  if (value === -1) return plain.itemsize;
  const itemsize = countOf(value, path, "the item size of its dtype");
  const isFlexible = sizes[plain.kind] === null;
  if (itemsize > maxItemsize || (itemsize !== plain.itemsize && !isFlexible)) {
    throw arrayError(path, "its dtype has two item sizes");
  }
  if (plain.kind === "U" && itemsize % 4 !== 0) throw arrayError(path, "its dtype holds a part of a character");
  return itemsize;
}

function isLittleEndian(order: PyValue | undefined, path: string): boolean {
  if (order === "<" || order === "|" || order === "=") return true;
  if (order === ">") return false;
  throw arrayError(path, "its dtype has no byte order");
}

const descrPattern = /^([<>|=]?)([biufcSUVOMm?])(\d{0,10})(?:\[[^\]]{0,20}\])?$/;

/** Reads "f8", ">i4", "U7", "?", "M8[ns]". Also the type strings of .npy headers. @throws ARRAY_INVALID */
export function parseDescr(descr: PyValue | undefined, path: string): DType {
  const match = typeof descr === "string" ? descrPattern.exec(descr) : null;
  if (match === null) throw arrayError(path, "its dtype is not known");
  const kind = (match[2] === "?" ? "b" : match[2]) as DTypeKind;
  const number = match[3] === "" ? defaultSize(kind) : Number(match[3]);
  const itemsize = kind === "U" ? number * 4 : number;
  if (itemsize > maxItemsize) throw arrayError(path, "the items of its dtype are too large");
  const known = sizes[kind];
  if (known !== null && !known.includes(itemsize)) throw arrayError(path, "its dtype is not known");
  return { kind, itemsize, littleEndian: match[1] !== ">", fields: null, subarray: null };
}

function defaultSize(kind: DTypeKind): number {
  return kind === "O" || kind === "M" || kind === "m" ? 8 : kind === "b" ? 1 : 0;
}

interface Place {
  readonly path: string;
  readonly budget: Budget;
}

function readSubarray(value: PyValue | undefined, itemsize: number, place: Place): DType["subarray"] {
  const { path } = place;
  const [baseValue, shapeValue] = tupleItems(value, path, "the subarray of its dtype");
  const base = readNested(baseValue, path, place.budget);
  const shape = shapeOf(shapeValue, path);
  if (elementCount(shape, path) * base.itemsize !== itemsize)
    throw arrayError(path, "its subarray dtype has two sizes");
  return { base, shape };
}

function readFields(names: PyValue, fields: PyDict, place: Place & { itemsize: number }): readonly DTypeField[] {
  const { path, budget, itemsize } = place;
  const byName = new Map(fields.keys.map((key, i) => [key, fields.values[i]] as const));
  const seen = new Set<string>();
  return tupleItems(names, path, "the field names of its dtype").map((name) => {
    if (typeof name !== "string" || seen.has(name)) throw arrayError(path, "the field names of its dtype are wrong");
    seen.add(name);
    const [dtypeValue, offsetValue] = tupleItems(byName.get(name), path, `the field ${name}`);
    const dtype = readNested(dtypeValue, path, budget);
    const offset = countOf(offsetValue, path, `the offset of the field ${name}`);
    if (offset + dtype.itemsize > itemsize) throw arrayError(path, `the field ${name} lies outside of its record`);
    return { name, dtype, offset };
  });
}

/** Whether Python objects are anywhere inside. */
export function hasObjects(dtype: DType): boolean {
  if (dtype.kind === "O") return true;
  if (dtype.subarray !== null) return hasObjects(dtype.subarray.base);
  return dtype.fields?.some((field) => hasObjects(field.dtype)) ?? false;
}

const words: Readonly<Record<DTypeKind, string>> = {
  b: "bool",
  i: "int",
  u: "unsigned int",
  f: "float",
  c: "complex",
  S: "bytes",
  U: "str",
  V: "raw bytes",
  O: "Python objects",
  M: "datetime64",
  m: "timedelta64",
};

/** "float64", "a record of 8 fields", "str" for error messages. */
export function describeDType(dtype: DType): string {
  if (dtype.fields !== null) return `a record of ${dtype.fields.length} fields`;
  if (dtype.subarray !== null) return `a subarray of ${describeDType(dtype.subarray.base)}`;
  const hasWidth = ["i", "u", "f", "c"].includes(dtype.kind);
  return hasWidth ? `${words[dtype.kind]}${dtype.itemsize * 8}` : words[dtype.kind];
}
