// Least squares and ridge over few columns, solved outright: the columns' products with one another by Cholesky, with the
// rounding of the first answer taken back by a second one; where the columns depend on one another, or nearly so, by an
// orthogonal basis and its singular values, which gives the shortest solution.
// Source: A. Björck, "Numerical Methods for Least Squares Problems" (1996), 2.2, 6.6; G. Golub and C. Van Loan, "Matrix
// Computations" (2013), 5.2 and 8.6.
import { type CentredProblem, dot, transposed } from "./centred-rows.ts";
import { singularValues } from "./singular-values.ts";

/** What Cholesky leaves of a column, against what it was: below it the products have lost too many digits. */
const leastPivot = 1e-10;
const safePivot = 1e-5;

export function solveDense(problem: CentredProblem, alpha: number): Float64Array {
  const columns = centredColumns(problem);
  const { targets } = problem;
  if (columns.length <= targets.length) {
    const solved = byProducts(problem, { columns, alpha });
    if (solved !== null) return solved;
  }
  return bySingularValues({ columns, targets, alpha });
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

interface DenseProblem {
  readonly columns: readonly Float64Array[];
  readonly alpha: number;
}

function byProducts(problem: CentredProblem, { columns, alpha }: DenseProblem): Float64Array | null {
  const lower = products(columns);
  for (const [at, row] of lower.entries()) row[at] = (row[at] as number) + alpha;
  const pivot = factor(lower);
  if (!(pivot > leastPivot)) return null;
  const x = new Float64Array(columns.length);
  transposed(problem, problem.targets, x);
  substitute(lower, x);
  // A penalty mostly keeps the products far from losing digits.
  if (alpha > 0 && pivot > safePivot) return x;
  const rest = problem.targets.slice();
  for (const [column, values] of columns.entries()) {
    const along = x[column] as number;
    for (let row = 0; row < rest.length; row++) rest[row] = (rest[row] as number) - along * (values[row] as number);
  }
  const step = new Float64Array(columns.length);
  transposed(problem, rest, step);
  for (let column = 0; column < x.length; column++) {
    step[column] = (step[column] as number) - alpha * (x[column] as number);
  }
  substitute(lower, step);
  return x.map((value, column) => value + (step[column] as number));
}

/** Each column with itself and those before it, four of them at a time. */
function products(columns: readonly Float64Array[]): readonly Float64Array[] {
  return columns.map((column, at) => {
    const row = new Float64Array(at + 1);
    let other = 0;
    for (; other + 3 <= at; other += 4) {
      const [a, b, c, d] = columns.slice(other, other + 4) as [Float64Array, Float64Array, Float64Array, Float64Array];
      row.set(fourProducts(column, [a, b, c, d]), other);
    }
    for (; other <= at; other++) row[other] = dot(column, columns[other] as Float64Array);
    return row;
  });
}

type Four = readonly [Float64Array, Float64Array, Float64Array, Float64Array];

function fourProducts(column: Float64Array, [a, b, c, d]: Four): readonly number[] {
  let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
  for (let row = 0; row < column.length; row++) {
    const value = column[row] as number;
    sumA += value * (a[row] as number);
    sumB += value * (b[row] as number);
    sumC += value * (c[row] as number);
    sumD += value * (d[row] as number);
  }
  return [sumA, sumB, sumC, sumD];
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
function bySingularValues({
  columns,
  targets,
  alpha,
}: DenseProblem & { readonly targets: Float64Array }): Float64Array {
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
