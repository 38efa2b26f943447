// Least squares and ridge over few columns, solved outright: the columns' products with one another by Cholesky, with the
// rounding of the first answer taken back by a second one; where the columns depend on one another, or nearly so, by an
// orthogonal basis and its singular values, which gives the shortest solution.
// Source: A. Björck, "Numerical Methods for Least Squares Problems" (1996), 2.2, 6.6; G. Golub and C. Van Loan, "Matrix
// Computations" (2013), 5.2 and 8.6.
import { blockRows, openRowProducts } from "../engine/kernels/row-products.ts";
import { type CentredProblem, dot, thereAndBack } from "./centred-rows.ts";
import { singularValues } from "./singular-values.ts";

/** What Cholesky leaves of a column, against what it was: below it the products have lost too many digits. */
const leastPivot = 1e-10;
const safePivot = 1e-5;

export function solveDense(problem: CentredProblem, alpha: number): Float64Array {
  const width = problem.means.length;
  if (width <= problem.targets.length) {
    const solved = byProducts(problem, alpha);
    if (solved !== null) return solved;
  }
  return bySingularValues(centredColumns(problem), problem.targets, alpha);
}

/** The rows are dense: row r's cells are the values from r · width up. */
function centredColumns({ rows, means, roots, varies }: CentredProblem): readonly Float64Array[] {
  const count = roots.length;
  const { width, values } = rows;
  const all = new Float64Array(width * count);
  for (let row = 0, at = 0; row < count; row++) {
    const root = roots[row] as number;
    for (let column = 0; column < width; column++, at++) {
      all[column * count + row] = ((values[at] as number) - (means[column] as number)) * root;
    }
  }
  return Array.from({ length: width }, (_, column) => {
    const own = all.subarray(column * count, (column + 1) * count);
    return varies[column] === 0 ? own.fill(0) : own;
  });
}

function byProducts(problem: CentredProblem, alpha: number): Float64Array | null {
  const { width } = problem.rows;
  const { lower, x } = products(problem);
  for (const [at, row] of lower.entries()) row[at] = (row[at] as number) + alpha;
  const pivot = factor(lower);
  if (!(pivot > leastPivot)) return null;
  substitute(lower, x);
  // A penalty mostly keeps the products far from losing digits.
  if (alpha > 0 && pivot > safePivot) return x;
  // What the answer leaves of the targets, with its sign turned, and back along the columns.
  const rest = problem.targets.slice();
  const step = new Float64Array(width);
  thereAndBack(problem, { v: x, u: rest, back: 1, into: step });
  for (let column = 0; column < width; column++) {
    step[column] = -(step[column] as number) - alpha * (x[column] as number);
  }
  substitute(lower, step);
  return x.map((value, column) => value + (step[column] as number));
}

interface Products {
  /** Each column with itself and those before it. */
  readonly lower: readonly Float64Array[];
  /** Each column with the targets. */
  readonly x: Float64Array;
}

/** The targets are one more column. */
function products({ rows, means, roots, varies, targets }: CentredProblem): Products {
  const { width, values } = rows;
  const sums = openRowProducts(width + 1);
  const { cells, stride } = sums;
  for (let first = 0; first < roots.length; first += blockRows) {
    const count = Math.min(blockRows, roots.length - first);
    fillBlock(cells, { values, means, roots, targets, width, stride, first, count });
    sums.add(count);
  }
  const of = (column: number, other: number): number =>
    varies[column] === 0 || varies[other] === 0 ? 0 : sums.of(column, other);
  return {
    lower: Array.from({ length: width }, (_, at) => Float64Array.from({ length: at + 1 }, (_, other) => of(at, other))),
    x: Float64Array.from({ length: width }, (_, at) => (varies[at] === 0 ? 0 : sums.of(at, width))),
  };
}

interface Block {
  readonly values: Float64Array;
  readonly means: Float64Array;
  readonly roots: Float64Array;
  readonly targets: Float64Array;
  readonly width: number;
  readonly stride: number;
  readonly first: number;
  readonly count: number;
}

function fillBlock(cells: Float64Array, block: Block): void {
  const { values, means, roots, targets, width, stride, first, count } = block;
  let at = first * width;
  for (let row = 0; row < count; row++) {
    const root = roots[first + row] as number;
    const begin = row * stride;
    for (let column = 0; column < width; column++, at++) {
      cells[begin + column] = ((values[at] as number) - (means[column] as number)) * root;
    }
    cells[begin + width] = targets[first + row] as number;
  }
}

/** Cholesky in place; answers the least share of a column that the columns before it do not make up, 0 when there is none. */
function factor(lower: readonly Float64Array[]): number {
  let least = 1;
  for (const [at, row] of lower.entries()) {
    for (let other = 0; other < at; other++) {
      const above = lower[other] as Float64Array;
      let sum = row[other] as number;
      for (let k = 0; k < other; k++) sum -= (row[k] as number) * (above[k] as number);
      row[other] = sum / (above[other] as number);
    }
    const whole = row[at] as number;
    let rest = whole;
    for (let k = 0; k < at; k++) rest -= (row[k] as number) ** 2;
    if (!(rest > 0)) return 0;
    least = Math.min(least, rest / whole);
    row[at] = Math.sqrt(rest);
  }
  return least;
}

function substitute(lower: readonly Float64Array[], x: Float64Array): void {
  for (const [at, row] of lower.entries()) {
    let sum = x[at] as number;
    for (let k = 0; k < at; k++) sum -= (row[k] as number) * (x[k] as number);
    x[at] = sum / (row[at] as number);
  }
  for (let at = lower.length - 1; at >= 0; at--) {
    let sum = x[at] as number;
    for (let k = at + 1; k < lower.length; k++) sum -= ((lower[k] as Float64Array)[at] as number) * (x[k] as number);
    x[at] = sum / ((lower[at] as Float64Array)[at] as number);
  }
}

/** Columns = basis · right, singular values of the smaller side; those that rounding alone would make are taken as 0. */
function bySingularValues(columns: readonly Float64Array[], targets: Float64Array, alpha: number): Float64Array {
  const { left, values, right } = singularValues(columns, targets.length);
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  const least = largest * Number.EPSILON * Math.max(columns.length, targets.length);
  const x = new Float64Array(columns.length);
  for (const [at, value] of values.entries()) {
    if (value <= least) continue;
    const along = (dot(left[at] as Float64Array, targets) * value) / (value * value + alpha);
    const direction = right[at] as Float64Array;
    for (let column = 0; column < x.length; column++) {
      x[column] = (x[column] as number) + along * (direction[column] as number);
    }
  }
  return x;
}
