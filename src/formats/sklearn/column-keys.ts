// Which columns a ColumnTransformer's member takes: a name, a position, lists or arrays of them, a mask, a slice of
// positions or of names. Source: _get_column_indices in sklearn/utils/_indexing.py.
import { trimaranError } from "../../base/errors.ts";
import { isArray, readArray } from "../numpy/ndarray.ts";
import { toCategories } from "../numpy/to-labels.ts";
import { describeValue, dictGet, isNode, type PyObject, type PyValue } from "../pickle/tree.ts";
import { scalarOf } from "./instance.ts";

export type ColumnKey = string | number;

/** `names`: of all columns, where they are known; `width`: how many there are, where that is known. */
export interface KnownColumns {
  readonly names: readonly string[] | null;
  readonly width: number | null;
}

/** The columns that a key means, as it names them. @throws MODEL_UNSUPPORTED for a callable, MODEL_ATTRIBUTE */
export function columnKeys(value: PyValue | undefined, path: string, known: KnownColumns): readonly ColumnKey[] {
  const items = listItems(value, path);
  if (items !== null) return listKeys(items, path);
  if (isSlice(value)) return sliceKeys(value, path, known);
  const scalar = scalarOf(value);
  if (typeof scalar === "string" || typeof scalar === "number") return [scalar];
  if (typeof scalar === "boolean") return listKeys([scalar], path);
  throw trimaranError("MODEL_UNSUPPORTED", { path, what: `columns chosen by ${describeValue(value)}`, nearest: "" });
}

/** A list, a tuple, an array, a pandas Index, or the list class of 1.5 and 1.6; null for anything else. */
function listItems(value: PyValue | undefined, path: string): readonly (string | number | boolean)[] | null {
  if (!isNode(value)) return null;
  if (value.kind === "list" || value.kind === "tuple") return value.items.map((item) => keyOf(item, path));
  if (isArray(value)) return arrayItems(value, path);
  if (value.kind !== "object") return null;
  if (value.callee.name === "_RemainderColsList") return listItems(stateItem(value, "data"), path);
  if (isPandasIndex(value)) return listItems(indexData(value), path);
  return null;
}

function arrayItems(value: PyValue, path: string): readonly (string | number | boolean)[] {
  const array = readArray(value, path);
  if (array.shape.length !== 1) throw keyError(path, "an array of one dimension was expected");
  return toCategories(array).map((category) => {
    if (category.type === "none" || typeof category.value === "bigint")
      throw keyError(path, "a column has no such name");
    return category.value;
  });
}

function keyOf(item: PyValue, path: string): string | number | boolean {
  const scalar = scalarOf(item);
  if (typeof scalar === "string" || typeof scalar === "number" || typeof scalar === "boolean") return scalar;
  throw keyError(path, `a column's name or position was expected, not ${describeValue(item)}`);
}

/** A list of bools is a mask. */
function listKeys(items: readonly (string | number | boolean)[], path: string): readonly ColumnKey[] {
  if (items.length > 0 && items.every((item) => typeof item === "boolean")) {
    return items.flatMap((item, index) => (item ? [index] : []));
  }
  return items.map((item) => {
    if (typeof item === "boolean") throw keyError(path, "a mask holds bools only");
    return item;
  });
}

interface SliceObject extends PyObject {
  readonly kind: "object";
}

function isSlice(value: PyValue | undefined): value is SliceObject {
  return (
    isNode(value) && value.kind === "object" && value.callee.module === "builtins" && value.callee.name === "slice"
  );
}

/** A slice of names includes its end, one of positions does not. */
function sliceKeys(slice: PyObject, path: string, { names, width }: KnownColumns): readonly ColumnKey[] {
  const [start, stop, step] = slice.args.items.map((item) => scalarOf(item) ?? null);
  const count = names?.length ?? width;
  if (count === null || slice.args.items.length !== 3)
    throw keyError(path, "a slice of columns whose count is not known");
  if (typeof start === "string" || typeof stop === "string") {
    const at = (name: typeof start): number => {
      const index = typeof name === "string" ? (names?.indexOf(name) ?? -1) : -1;
      if (index < 0) throw keyError(path, "a slice names a column that is not there");
      return index;
    };
    const first = start === null ? 0 : at(start);
    const last = stop === null ? count - 1 : at(stop);
    return range(first, last + 1, 1);
  }
  return positionRange([start, stop, step], count, path);
}

/** As Python's `slice.indices`. */
function positionRange(parts: readonly unknown[], count: number, path: string): readonly number[] {
  const [start, stop, step] = parts.map((part) => {
    if (part === null || part === undefined) return null;
    if (typeof part === "number" && Number.isInteger(part)) return part;
    throw keyError(path, "a slice of whole numbers was expected");
  });
  const by = step ?? 1;
  if (by === 0) throw keyError(path, "a slice of step 0");
  const [low, high] = by > 0 ? [0, count] : [-1, count - 1];
  const bound = (value: number): number => Math.min(Math.max(value < 0 ? value + count : value, low), high);
  const from = start === null || start === undefined ? (by > 0 ? low : high) : bound(start);
  const to = stop === null || stop === undefined ? (by > 0 ? high : low) : bound(stop);
  return range(from, to, by);
}

function range(from: number, to: number, by: number): readonly number[] {
  const length = Math.max(0, Math.ceil((to - from) / by));
  return Array.from({ length }, (_, index) => from + index * by);
}

function stateItem(object: PyObject, name: string): PyValue | undefined {
  const state = object.states.at(-1);
  return isNode(state) && state.kind === "dict" ? dictGet(state, name) : undefined;
}

function isPandasIndex(object: PyObject): boolean {
  return object.callee.module.startsWith("pandas.core.indexes.") && object.callee.name === "_new_Index";
}

/** _new_Index(class, {"data": array, "name": …}). */
function indexData(object: PyObject): PyValue | undefined {
  const parts = object.args.items[1];
  return isNode(parts) && parts.kind === "dict" ? dictGet(parts, "data") : undefined;
}

/** The names that a pandas Index or an array of them holds, or null. */
export function namesOf(value: PyValue | undefined, path: string): readonly string[] | null {
  const items = listItems(value, path);
  if (items === null || !items.every((item) => typeof item === "string")) return null;
  return items;
}

function keyError(path: string, problem: string): Error {
  return trimaranError("MODEL_ATTRIBUTE", { path, problem });
}
