// Two-dimensional attributes, and the dense, finite input of estimators that take no sparse matrix by themselves.
import type { GraphBuilder } from "../../model/graph-builder.ts";
import type { ValueId } from "../../model/value.ts";
import type { NdArray } from "../numpy/ndarray.ts";
import { isSparse, readSparse } from "../numpy/sparse.ts";
import { toFloat64 } from "../numpy/to-numbers.ts";
import type { BuildContext } from "./estimator.ts";
import { arrayOf, attribute, attributeError, type Instance, pathOf } from "./instance.ts";
import { finiteInput } from "./linear-scores.ts";

/** Row-major. */
export interface Matrix {
  readonly values: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

/** An array of two dimensions, or a sparse matrix made dense. @throws MODEL_ATTRIBUTE */
export function matrixOf(self: Instance, name: string): Matrix {
  if (isSparse(attribute(self, name))) return denseMatrix(self, name);
  return toMatrix(arrayOf(self, name), self, name);
}

export function toMatrix(array: NdArray, self: Instance, name: string): Matrix {
  const [rows, columns] = array.shape;
  if (array.shape.length !== 2 || rows === undefined || columns === undefined) {
    throw attributeError(self, name, `2 dimensions were expected, not ${array.shape.length}`);
  }
  const values = toFloat64(array);
  // Training rows may have gaps where the distances leave them out.
  if (name !== "_fit_X" && values.some(Number.isNaN)) throw attributeError(self, name, "it holds NaN");
  return { values, rows, columns };
}

/** More cells than this are not made out of a sparse matrix. */
const maxDenseCells = 1 << 27;

function denseMatrix(self: Instance, name: string): Matrix {
  const { shape, indptr, indices, data } = readSparse(attribute(self, name), pathOf(self, name));
  const [rows, columns] = shape;
  if (rows * columns > maxDenseCells) throw attributeError(self, name, `${rows} × ${columns} is too large`);
  const values = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let at = indptr[row] as number; at < (indptr[row + 1] as number); at++) {
      values[row * columns + (indices[at] as number)] = data[at] as number;
    }
  }
  return { values, rows, columns };
}

export function transposed({ values, rows, columns }: Matrix): Matrix {
  const turned = new Float64Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      turned[column * rows + row] = values[row * columns + column] as number;
    }
  }
  return { values: turned, rows: columns, columns: rows };
}

/**
 * The input as dense numbers; rows are refused that hold NaN or infinities, and sparse ones in which a column stands twice:
 * the library measures norms over the stored numbers, and products over their sums.
 */
export function denseFinite(self: Instance, input: ValueId, context: BuildContext): ValueId {
  return densePlain(context.graph, singleEntries(context.graph, finiteInput(self, input, context)));
}

/** Rows in which a column stands twice are refused. */
export function singleEntries(graph: GraphBuilder, value: ValueId): ValueId {
  return mergedEntries(graph, value, "refuse");
}

/** Columns that stand twice are added up. */
export function summedEntries(graph: GraphBuilder, value: ValueId): ValueId {
  return mergedEntries(graph, value, "sum_then_cast");
}

function mergedEntries(graph: GraphBuilder, value: ValueId, repeated: "refuse" | "sum_then_cast"): ValueId {
  const type = graph.typeOf(value);
  if (type.kind !== "sparse") return value;
  return graph.add({ kind: "cast", inputs: [value], number: type.number === "f32" ? "f32" : "f64", repeated });
}

export function densePlain(graph: GraphBuilder, value: ValueId): ValueId {
  if (graph.typeOf(value).kind !== "sparse") return value;
  return graph.add({ kind: "densify", inputs: [value], repeated: "sum" });
}
