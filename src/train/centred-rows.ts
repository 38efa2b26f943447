// Rows whose columns are centred in the arithmetic only, so that sparse rows stay sparse, each times the root of its weight.
import type { SparseRows } from "./sparse-rows.ts";

export interface CentredRows {
  readonly rows: SparseRows;
  readonly means: Float64Array;
  /** The root of each row's weight. */
  readonly roots: Float64Array;
  /** 0 where every row says the same: what rounding leaves of such a column must not become a weight. */
  readonly varies: Uint8Array;
}

export interface CentredProblem extends CentredRows {
  /** The targets without their mean, times the roots. */
  readonly targets: Float64Array;
  readonly targetMean: number;
}

export interface CentringOptions {
  readonly weights?: Float64Array | undefined;
  /** The weighted sums of the columns, where every row names every column in order. */
  readonly sums?: Float64Array | null;
}

export function centredProblem(
  rows: SparseRows,
  targets: Float64Array,
  { weights, sums = null }: CentringOptions = {},
): CentredProblem {
  const count = targets.length;
  const roots = weights === undefined ? new Float64Array(count).fill(1) : weights.map(Math.sqrt);
  let total = 0;
  let sum = 0;
  for (let row = 0; row < count; row++) {
    const weight = weights === undefined ? 1 : (weights[row] as number);
    total += weight;
    sum += weight * (targets[row] as number);
  }
  const targetMean = sum / total;
  const centred = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    centred[row] = ((targets[row] as number) - targetMean) * (roots[row] as number);
  }
  const facts = sums === null ? columnFacts(rows, roots, total) : denseFacts(rows, sums, total);
  return { rows, roots, targets: centred, targetMean, ...facts };
}

/** A column that varies shows it within a few rows. */
function denseFacts(
  { width, values }: SparseRows,
  sums: Float64Array,
  total: number,
): Pick<CentredRows, "means" | "varies"> {
  const varies = new Uint8Array(width);
  for (let column = 0; column < width; column++) {
    let at = column + width;
    while (at < values.length && values[at] === values[column]) at += width;
    varies[column] = at < values.length ? 1 : 0;
  }
  return { means: sums.map((sum) => sum / total), varies };
}

function columnFacts(
  { width, starts, columns, values }: SparseRows,
  roots: Float64Array,
  total: number,
): Pick<CentredRows, "means" | "varies"> {
  const rowCount = starts.length - 1;
  const means = new Float64Array(width);
  const first = new Float64Array(width);
  const counts = new Int32Array(width);
  const varies = new Uint8Array(width);
  for (let row = 0; row < rowCount; row++) {
    const weight = (roots[row] as number) * (roots[row] as number);
    const end = starts[row + 1] as number;
    for (let at = starts[row] as number; at < end; at++) {
      const column = columns[at] as number;
      const value = values[at] as number;
      means[column] = (means[column] as number) + weight * value;
      if (counts[column] === 0) first[column] = value;
      else if (first[column] !== value) varies[column] = 1;
      counts[column] = (counts[column] as number) + 1;
    }
  }
  for (let column = 0; column < width; column++) {
    const count = counts[column] as number;
    if (count > 0 && count < rowCount && first[column] !== 0) varies[column] = 1;
    means[column] = (means[column] as number) / total;
  }
  return { means, varies };
}

/**
 * Row by row, in one pass: u = rows · v − back · u, and then into = rowsᵀ · u. Answers the squared length of u.
 */
export function thereAndBack(
  { rows, means, roots, varies }: CentredRows,
  { v, u, back, into }: { v: Float64Array; u: Float64Array; back: number; into: Float64Array },
): number {
  const { starts, columns, values } = rows;
  const shift = dot(means, v);
  let total = 0;
  let squares = 0;
  into.fill(0);
  let at = 0;
  for (let row = 0; row < u.length; row++) {
    const end = starts[row + 1] as number;
    const root = roots[row] as number;
    // A name and a number, as most rows of the worked example: their cells are read once, which takes less than half the time.
    if (end - at === 2) {
      const first = columns[at] as number;
      const second = columns[at + 1] as number;
      const one = values[at] as number;
      const two = values[at + 1] as number;
      const sum = -shift + one * (v[first] as number) + two * (v[second] as number);
      const own = sum * root - back * (u[row] as number);
      u[row] = own;
      squares += own * own;
      const each = own * root;
      total += each;
      into[first] = (into[first] as number) + each * one;
      into[second] = (into[second] as number) + each * two;
      at = end;
      continue;
    }
    const begin = at;
    let sum = -shift;
    for (; at < end; at++) sum += (values[at] as number) * (v[columns[at] as number] as number);
    const own = sum * root - back * (u[row] as number);
    u[row] = own;
    squares += own * own;
    const each = own * root;
    total += each;
    for (let again = begin; again < end; again++) {
      const column = columns[again] as number;
      into[column] = (into[column] as number) + each * (values[again] as number);
    }
  }
  takeMeans({ means, varies }, into, total);
  return squares;
}

/** into = rowsᵀ · u */
export function transposed({ rows, means, roots, varies }: CentredRows, u: Float64Array, into: Float64Array): void {
  const { starts, columns, values } = rows;
  let total = 0;
  into.fill(0);
  for (let row = 0; row < u.length; row++) {
    const each = (u[row] as number) * (roots[row] as number);
    total += each;
    const end = starts[row + 1] as number;
    for (let at = starts[row] as number; at < end; at++) {
      const column = columns[at] as number;
      into[column] = (into[column] as number) + each * (values[at] as number);
    }
  }
  takeMeans({ means, varies }, into, total);
}

function takeMeans({ means, varies }: Pick<CentredRows, "means" | "varies">, into: Float64Array, total: number): void {
  for (let column = 0; column < into.length; column++) {
    into[column] = varies[column] === 0 ? 0 : (into[column] as number) - total * (means[column] as number);
  }
}

export function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < left.length; at++) sum += (left[at] as number) * (right[at] as number);
  return sum;
}

export function norm(values: Float64Array): number {
  return Math.sqrt(dot(values, values));
}
