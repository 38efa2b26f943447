// Least squares and ridge. The columns are centred in the arithmetic only, so that sparse rows stay sparse, and the
// intercept is not penalised. Where several solutions fit equally well it is the shortest one.
// Source: C. C. Paige and M. A. Saunders, "LSQR: An Algorithm for Sparse Linear Equations and Sparse Least Squares",
// ACM Transactions on Mathematical Software 8 (1982).
import { trimaranError } from "../base/errors.ts";
import { assertTrainable, type SparseRows } from "./sparse-rows.ts";

export interface FitLinearOptions {
  /**
   * The weight of the squared coefficients; 0 is least squares.
   *
   * @default 0
   */
  readonly alpha?: number;
  /** One a row, above 0. @default every row weighs the same */
  readonly weights?: Float64Array;
}

export interface LinearFit {
  readonly coefficients: Float64Array;
  readonly intercept: number;
  readonly iterations: number;
}

const tolerance = 1e-14;

/** @throws TRAIN_DATA when the data or `alpha` is unfit, or the sums do not settle */
export function fitLinear(rows: SparseRows, targets: Float64Array, options: FitLinearOptions = {}): LinearFit {
  const alpha = options.alpha ?? 0;
  if (!(alpha >= 0 && alpha < Infinity)) {
    throw trimaranError("TRAIN_DATA", { problem: "alpha is not a finite number from 0 up" });
  }
  assertTrainable(rows, targets);
  const weights = options.weights ?? new Float64Array(targets.length).fill(1);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const means = columnMeans(rows, weights, total);
  const mean = dot(targets, weights) / total;
  const roots = weights.map(Math.sqrt);
  const solved = solve(
    { rows, means, varies: varyingColumns(rows), roots },
    targets.map((target, row) => (target - mean) * (roots[row] as number)),
    Math.sqrt(alpha),
  );
  return { ...solved, intercept: mean - dot(means, solved.coefficients) };
}

interface CentredRows {
  readonly rows: SparseRows;
  readonly means: Float64Array;
  /** 0 where every row says the same: what rounding leaves of such a column must not become a weight. */
  readonly varies: Uint8Array;
  /** The root of each row's weight. */
  readonly roots: Float64Array;
}

function solve(matrix: CentredRows, u: Float64Array, damp: number): Omit<LinearFit, "intercept"> {
  const { width } = matrix.rows;
  const x = new Float64Array(width);
  const v = new Float64Array(width);
  let beta = normalize(u);
  addTransposed(matrix, u, v);
  let alpha = normalize(v);
  if (alpha === 0) return { coefficients: x, iterations: 0 };
  const w = v.slice();
  let phiBar = beta;
  let rhoBar = alpha;
  const first = alpha * beta;
  const limit = Math.max(1000, 10 * width);
  for (let iteration = 1; iteration <= limit; iteration++) {
    scale(u, -alpha);
    addProduct(matrix, v, u);
    beta = normalize(u);
    scale(v, -beta);
    addTransposed(matrix, u, v);
    alpha = normalize(v);
    const damped = Math.hypot(rhoBar, damp);
    phiBar *= rhoBar / damped;
    const rho = Math.hypot(damped, beta);
    const cosine = damped / rho;
    const sine = beta / rho;
    const theta = sine * alpha;
    rhoBar = -cosine * alpha;
    step({ x, w, v }, (cosine * phiBar) / rho, theta / rho);
    phiBar *= sine;
    // The gradient that is left, against the gradient at zero.
    if (alpha * Math.abs(phiBar * cosine) <= tolerance * first) return { coefficients: x, iterations: iteration };
  }
  throw trimaranError("TRAIN_DATA", { problem: `the coefficients do not settle within ${limit} steps` });
}

function step(at: Readonly<Record<"x" | "w" | "v", Float64Array>>, along: number, back: number): void {
  const { x, w, v } = at;
  for (let column = 0; column < x.length; column++) {
    const direction = w[column] as number;
    x[column] = (x[column] as number) + along * direction;
    w[column] = (v[column] as number) - back * direction;
  }
}

/** Adds the centred rows times `v` to `into`. */
function addProduct({ rows, means, roots }: CentredRows, v: Float64Array, into: Float64Array): void {
  const shift = dot(means, v);
  const { starts, columns, values } = rows;
  for (let row = 0; row < into.length; row++) {
    let sum = 0;
    const end = starts[row + 1] as number;
    for (let at = starts[row] as number; at < end; at++)
      sum += (values[at] as number) * (v[columns[at] as number] as number);
    into[row] = (into[row] as number) + (sum - shift) * (roots[row] as number);
  }
}

/** Adds the centred rows, transposed, times `u` to `into`. */
function addTransposed({ rows, means, varies, roots }: CentredRows, u: Float64Array, into: Float64Array): void {
  const { starts, columns, values } = rows;
  let total = 0;
  for (let row = 0; row < u.length; row++) {
    const each = (u[row] as number) * (roots[row] as number);
    total += each;
    const end = starts[row + 1] as number;
    for (let at = starts[row] as number; at < end; at++) {
      const column = columns[at] as number;
      into[column] = (into[column] as number) + each * (values[at] as number);
    }
  }
  for (let column = 0; column < into.length; column++) {
    const centred = (into[column] as number) - total * (means[column] as number);
    into[column] = varies[column] === 0 ? 0 : centred;
  }
}

function columnMeans(
  { width, starts, columns, values }: SparseRows,
  weights: Float64Array,
  total: number,
): Float64Array {
  const means = new Float64Array(width);
  for (let row = 0; row < weights.length; row++) {
    const weight = weights[row] as number;
    const end = starts[row + 1] as number;
    for (let at = starts[row] as number; at < end; at++) {
      const column = columns[at] as number;
      means[column] = (means[column] as number) + weight * (values[at] as number);
    }
  }
  scale(means, 1 / total);
  return means;
}

function varyingColumns({ width, starts, columns, values }: SparseRows): Uint8Array {
  const rowCount = starts.length - 1;
  const first = new Float64Array(width);
  const counts = new Int32Array(width);
  const varies = new Uint8Array(width);
  for (let at = 0; at < values.length; at++) {
    const column = columns[at] as number;
    if (counts[column] === 0) first[column] = values[at] as number;
    else if (first[column] !== values[at]) varies[column] = 1;
    counts[column] = (counts[column] as number) + 1;
  }
  for (let column = 0; column < width; column++) {
    const count = counts[column] as number;
    if (count > 0 && count < rowCount && first[column] !== 0) varies[column] = 1;
  }
  return varies;
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < left.length; at++) sum += (left[at] as number) * (right[at] as number);
  return sum;
}

function scale(vector: Float64Array, by: number): void {
  for (let at = 0; at < vector.length; at++) vector[at] = (vector[at] as number) * by;
}

/** Answers the length that the vector had. */
function normalize(vector: Float64Array): number {
  const length = Math.sqrt(dot(vector, vector));
  if (length > 0) scale(vector, 1 / length);
  return length;
}
