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
  assertTrainable(rows, targets);
  assertWeights(weights, targets.length);
  const problem = centredProblem(rows, targets, weights);
  const { coefficients, iterations } = isDense(rows)
    ? { coefficients: solveDense(problem, alpha), iterations: 0 }
    : alpha === 0
      ? solveLsqr(problem, tolerance)
      : solveConjugate(problem, alpha, tolerance);
  if (!coefficients.every(Number.isFinite)) {
    throw trimaranError("TRAIN_DATA", { problem: "the numbers are too large for their squares to be added" });
  }
  return { coefficients, intercept: problem.targetMean - dot(problem.means, coefficients), iterations };
}

/** Written down in full: every row names every column, in order. */
function isDense({ width, starts, columns, values }: SparseRows): boolean {
  const rowCount = starts.length - 1;
  if (width > mostDenseColumns || values.length !== width * rowCount) return false;
  for (let row = 0, at = 0; row < rowCount; row++) {
    for (let column = 0; column < width; column++, at++) if (columns[at] !== column) return false;
    if (starts[row + 1] !== at) return false;
  }
  return true;
}

function assertWeights(weights: Float64Array | undefined, count: number): void {
  if (weights === undefined) return;
  if (weights.length === count && weights.every((weight) => weight > 0 && weight < Infinity)) return;
  throw trimaranError("TRAIN_DATA", { problem: "the weights are not one finite number above 0 for each row" });
}
