// Least squares and ridge. The intercept is not penalised. Few dense columns are solved outright; sparse ones step by step, and
// the steps end where scikit-learn's do.
import { trimaranError } from "../base/errors.ts";
import { centredProblem, dot } from "./centred-rows.ts";
import { solveConjugate } from "./conjugate-gradient.ts";
import { solveDense } from "./dense-squares.ts";
import { solveLsqr } from "./lsqr.ts";
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
  /**
   * How near the steps over sparse rows come to the solution: the length of what is left of the gradient, as a share.
   *
   * @default scikit-learn's: 1e-6 for least squares, 1e-4 for ridge
   */
  readonly tolerance?: number;
}

export interface LinearFit {
  readonly coefficients: Float64Array;
  readonly intercept: number;
  /** 0: solved outright. */
  readonly iterations: number;
}

/** Above so many columns even dense rows are solved step by step. */
const mostDenseColumns = 512;

/** @throws TRAIN_DATA when the data is unfit, TRAIN_OPTION */
export function fitLinear(rows: SparseRows, targets: Float64Array, options: FitLinearOptions = {}): LinearFit {
  const { alpha = 0, weights, tolerance = alpha === 0 ? 1e-6 : 1e-4 } = options;
  if (!(alpha >= 0 && alpha < Infinity)) throw trimaranError("TRAIN_OPTION", { name: "alpha", wanted: "0 or more" });
  if (!(tolerance > 0 && tolerance < 1)) {
    throw trimaranError("TRAIN_OPTION", { name: "tolerance", wanted: "above 0 and below 1" });
  }
  const sums = denseSums(rows, targets, weights);
  // Sums that are numbers are made of numbers.
  if (sums === null) assertTrainable(rows, targets);
  assertWeights(weights, targets.length);
  const problem = centredProblem(rows, targets, { weights, sums });
  const { coefficients, iterations } =
    sums !== null
      ? { coefficients: solveDense(problem, alpha), iterations: 0 }
      : alpha === 0
        ? solveLsqr(problem, tolerance)
        : solveConjugate(problem, alpha, tolerance);
  if (!coefficients.every(Number.isFinite)) {
    throw trimaranError("TRAIN_DATA", { problem: "the numbers are too large for their squares to be added" });
  }
  return { coefficients, intercept: problem.targetMean - dot(problem.means, coefficients), iterations };
}

/**
 * The weighted sums of the columns, when the rows are written down in full: every row names every column, in order. Null when
 * they are not, or are too many columns to be solved outright, or something in them is no finite number.
 */
function denseSums(
  { width, starts, columns, values }: SparseRows,
  targets: Float64Array,
  weights: Float64Array | undefined,
): Float64Array | null {
  const count = starts.length - 1;
  if (count < 1 || targets.length !== count || width > mostDenseColumns) return null;
  if (values.length !== width * count || columns.length !== values.length || starts[0] !== 0) return null;
  if (weights !== undefined && weights.length !== count) return null;
  const sums = new Float64Array(width);
  let all = 0;
  for (let row = 0, at = 0; row < count; row++) {
    const weight = weights === undefined ? 1 : (weights[row] as number);
    for (let column = 0; column < width; column++, at++) {
      if (columns[at] !== column) return null;
      sums[column] = (sums[column] as number) + weight * (values[at] as number);
    }
    if (starts[row + 1] !== at) return null;
    all += targets[row] as number;
  }
  return Number.isFinite(all) && sums.every(Number.isFinite) ? sums : null;
}

function assertWeights(weights: Float64Array | undefined, count: number): void {
  if (weights === undefined) return;
  if (weights.length === count && weights.every((weight) => weight > 0 && weight < Infinity)) return;
  throw trimaranError("TRAIN_DATA", { problem: "the weights are not one finite number above 0 for each row" });
}
