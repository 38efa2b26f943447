// scipy.sparse matrices and arrays in an inert tree → compressed sparse rows.
//
// NEWOBJ class · BUILD {_shape, …}: csr/csc {data, indices, indptr} · coo {data, row, col}, newer {data, coords (row, col)} ·
// dia {data (diagonals × columns), offsets}. _shape is (rows, columns); scipy before 1.11 also writes flags that mean nothing here.
import { describeValue, dictGet, isNode, type PyDict, type PyObject, type PyValue } from "../pickle/tree.ts";
import { arrayError, shapeOf, tupleItems } from "./array-errors.ts";
import { readArray } from "./ndarray.ts";
import { toFloat64, toInt32 } from "./to-numbers.ts";

/** Row r holds the entries `indptr[r] … indptr[r + 1] − 1`, in the order of the file; a column may stand twice in a row. */
export interface SparseRows {
  readonly shape: readonly [rows: number, columns: number];
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly data: Float64Array;
}

type SparseFormat = "csr" | "csc" | "coo" | "dia";

const modulePattern = /^scipy\.sparse\._?(csr|csc|coo|dia)$/;

/** Whether the value is a sparse matrix that `readSparse` knows. */
export function isSparse(value: PyValue | undefined): boolean {
  return isNode(value) && value.kind === "object" && formatOf(value) !== undefined;
}

function formatOf(object: PyObject): SparseFormat | undefined {
  const { module, name } = object.callee;
  const format = modulePattern.exec(module)?.[1] as SparseFormat | undefined;
  return format !== undefined && (name === `${format}_matrix` || name === `${format}_array`) ? format : undefined;
}

/** @throws ARRAY_INVALID when the value is no sparse matrix, or its arrays do not fit together; ARRAY_TYPE */
export function readSparse(value: PyValue | undefined, path: string): SparseRows {
  const format = isNode(value) && value.kind === "object" ? formatOf(value) : undefined;
  const [state] = isNode(value) && value.kind === "object" ? value.states : [];
  if (format === undefined || !isNode(state) || state.kind !== "dict") {
    throw arrayError(path, `a sparse matrix was expected, not ${describeValue(value)}`);
  }
  const shape = matrixShape(state, path);
  switch (format) {
    case "csr":
      return readCompressed(state, { shape, path });
    case "csc":
      return transposed(readCompressed(state, { shape: [shape[1], shape[0]], path }));
    case "coo":
      return readCoordinates(state, { shape, path });
    case "dia":
      return readDiagonals(state, { shape, path });
  }
}

interface Place {
  readonly shape: readonly [number, number];
  readonly path: string;
}

function matrixShape(state: PyDict, path: string): readonly [number, number] {
  const shape = shapeOf(dictGet(state, "_shape"), path);
  const [rows, columns] = shape;
  if (shape.length !== 2 || rows === undefined || columns === undefined) {
    throw arrayError(path, `the shape of a sparse matrix has ${shape.length} dimensions`);
  }
  if (rows > 0x7fffffff || columns > 0x7fffffff) throw arrayError(path, "a sparse matrix is too large");
  return [rows, columns];
}

function integers(state: PyDict, name: string, path: string): Int32Array {
  return toInt32(readArray(dictGet(state, name), `${path}.${name}`));
}

function numbers(state: PyDict, path: string): Float64Array {
  return toFloat64(readArray(dictGet(state, "data"), `${path}.data`));
}

function readCompressed(state: PyDict, place: Place): SparseRows {
  const { shape, path } = place;
  const indptr = integers(state, "indptr", path);
  const count = indptr.at(-1) ?? -1;
  if (indptr.length !== shape[0] + 1 || indptr[0] !== 0) throw arrayError(path, "its indptr does not fit its shape");
  for (let row = 0; row < shape[0]; row++) {
    if ((indptr[row] as number) > (indptr[row + 1] as number)) throw arrayError(path, "its indptr runs backwards");
  }
  const indices = integers(state, "indices", path);
  const data = numbers(state, path);
  if (indices.length < count || data.length < count) throw arrayError(path, "its indices or data are too short");
  const used = indices.subarray(0, count);
  assertInside(used, shape[1], path);
  return { shape, indptr, indices: used, data: data.subarray(0, count) };
}

function readCoordinates(state: PyDict, place: Place): SparseRows {
  const { shape, path } = place;
  const coords = dictGet(state, "coords");
  const [rowValue, columnValue] =
    coords === undefined ? [dictGet(state, "row"), dictGet(state, "col")] : tupleItems(coords, path, "its coords");
  const rows = toInt32(readArray(rowValue, `${path}.row`));
  const columns = toInt32(readArray(columnValue, `${path}.col`));
  const data = numbers(state, path);
  if (rows.length !== data.length || columns.length !== data.length)
    throw arrayError(path, "its arrays differ in length");
  assertInside(rows, shape[0], path);
  assertInside(columns, shape[1], path);
  return fromEntries({ rows, columns, data }, shape);
}

/** Diagonal k of the data holds, at column c, the entry (c − offsets[k], c). */
function readDiagonals(state: PyDict, place: Place): SparseRows {
  const { shape, path } = place;
  const offsets = integers(state, "offsets", path);
  const array = readArray(dictGet(state, "data"), `${path}.data`);
  const [diagonals, width] = array.shape;
  if (array.shape.length !== 2 || diagonals !== offsets.length || width === undefined) {
    throw arrayError(path, "its diagonals do not fit its offsets");
  }
  const values = toFloat64(array);
  const entries: { rows: number[]; columns: number[]; data: number[] } = { rows: [], columns: [], data: [] };
  for (const [k, offset] of offsets.entries()) {
    for (let column = Math.max(0, offset); column < Math.min(width, shape[1], shape[0] + offset); column++) {
      entries.rows.push(column - offset);
      entries.columns.push(column);
      entries.data.push(values[k * width + column] as number);
    }
  }
  return fromEntries(entries, shape);
}

function assertInside(indices: Int32Array, bound: number, path: string): void {
  for (const index of indices)
    if (index < 0 || index >= bound) throw arrayError(path, "an index lies outside of its shape");
}

interface Entries {
  readonly rows: ArrayLike<number>;
  readonly columns: ArrayLike<number>;
  readonly data: ArrayLike<number>;
}

/** Counting sort by row; entries of one row keep their order. */
function fromEntries(entries: Entries, shape: readonly [number, number]): SparseRows {
  const count = entries.data.length;
  const indptr = new Int32Array(shape[0] + 1);
  for (let i = 0; i < count; i++) {
    const row = entries.rows[i] as number;
    indptr[row + 1] = (indptr[row + 1] as number) + 1;
  }
  for (let row = 0; row < shape[0]; row++) {
    indptr[row + 1] = (indptr[row + 1] as number) + (indptr[row] as number);
  }
  const next = indptr.slice();
  const indices = new Int32Array(count);
  const data = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const row = entries.rows[i] as number;
    const at = next[row] as number;
    next[row] = at + 1;
    indices[at] = entries.columns[i] as number;
    data[at] = entries.data[i] as number;
  }
  return { shape, indptr, indices, data };
}

function transposed(matrix: SparseRows): SparseRows {
  const { shape, indptr, indices, data } = matrix;
  const columns = new Int32Array(indices.length);
  for (let row = 0; row < shape[0]; row++) columns.fill(row, indptr[row], indptr[row + 1]);
  return fromEntries({ rows: indices, columns, data }, [shape[1], shape[0]]);
}
