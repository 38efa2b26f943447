// Least squares by LSQR: of several solutions the shortest one. It stops where scipy's `lsqr` does, so that the same tolerance
// gives the same coefficients.
// Source: C. C. Paige and M. A. Saunders, "LSQR: An Algorithm for Sparse Linear Equations and Sparse Least Squares",
// ACM Transactions on Mathematical Software 8 (1982).
import { type CentredProblem, norm, thereAndBack, transposed } from "./centred-rows.ts";

export interface Solution {
  readonly coefficients: Float64Array;
  readonly iterations: number;
}

/** The condition number at which it stops, as scipy has it, unless more than the usual is asked for. */
const mostCondition = 1e8;
const usualTolerance = 1e-6;

export function solveLsqr(problem: CentredProblem, tolerance: number): Solution {
  const { width } = problem.rows;
  const x = new Float64Array(width);
  const u = problem.targets.slice();
  const targetNorm = norm(u);
  if (targetNorm === 0) return { coefficients: x, iterations: 0 };
  let beta = targetNorm;
  scale(u, 1 / beta);
  const v = new Float64Array(width);
  transposed(problem, u, v);
  let alpha = norm(v);
  if (alpha === 0) return { coefficients: x, iterations: 0 };
  scale(v, 1 / alpha);
  const w = v.slice();
  const next = new Float64Array(width);
  let phiBar = beta;
  let rhoBar = alpha;
  let matrixSquares = 0;
  let inverseSquares = 0;
  const length = new SolutionLength();
  const isTight = tolerance < usualTolerance;
  const limit = isTight ? Math.max(1000, 10 * width) : 2 * width;
  for (let iteration = 1; ; iteration++) {
    const before = alpha;
    beta = Math.sqrt(thereAndBack(problem, { v, u, back: alpha, into: next }));
    if (beta > 0) {
      scale(u, 1 / beta);
      let squares = 0;
      for (let column = 0; column < width; column++) {
        const each = (next[column] as number) / beta - beta * (v[column] as number);
        v[column] = each;
        squares += each * each;
      }
      alpha = Math.sqrt(squares);
      if (alpha > 0) scale(v, 1 / alpha);
    }
    matrixSquares += before * before + beta * beta;
    const rho = Math.hypot(rhoBar, beta);
    const cosine = rhoBar / rho;
    const sine = beta / rho;
    const theta = sine * alpha;
    rhoBar = -cosine * alpha;
    const phi = cosine * phiBar;
    phiBar *= sine;
    const tau = sine * phi;
    inverseSquares += step({ x, w, v }, { along: phi / rho, back: theta / rho, rho });
    const matrixNorm = Math.sqrt(matrixSquares);
    const residual = Math.abs(phiBar);
    const gradient = alpha * Math.abs(tau);
    const bound = tolerance + (tolerance * matrixNorm * length.add(phi, rho, theta)) / targetNorm;
    const isSettled =
      residual / targetNorm <= bound ||
      gradient / (matrixNorm * residual + Number.EPSILON) <= tolerance ||
      (!isTight && matrixNorm * Math.sqrt(inverseSquares) >= mostCondition);
    if (isSettled || beta === 0 || alpha === 0 || iteration >= limit) return { coefficients: x, iterations: iteration };
  }
}

/** The length of the solution so far, by the rotations that the method keeps. */
class SolutionLength {
  #squares = 0;
  #cosine = -1;
  #sine = 0;
  #z = 0;

  add(phi: number, rho: number, theta: number): number {
    const delta = this.#sine * rho;
    const gammaBar = -this.#cosine * rho;
    const rest = phi - delta * this.#z;
    const length = Math.sqrt(this.#squares + (rest / gammaBar) ** 2);
    const gamma = Math.hypot(gammaBar, theta);
    this.#cosine = gammaBar / gamma;
    this.#sine = theta / gamma;
    this.#z = rest / gamma;
    this.#squares += this.#z * this.#z;
    return length;
  }
}

interface Vectors {
  readonly x: Float64Array;
  readonly w: Float64Array;
  readonly v: Float64Array;
}

/** One step of the solution and its direction; answers the squared length of the direction over rho. */
function step({ x, w, v }: Vectors, { along, back, rho }: { along: number; back: number; rho: number }): number {
  let squares = 0;
  for (let column = 0; column < x.length; column++) {
    const direction = w[column] as number;
    squares += direction * direction;
    x[column] = (x[column] as number) + along * direction;
    w[column] = (v[column] as number) - back * direction;
  }
  return squares / (rho * rho);
}

function scale(vector: Float64Array, by: number): void {
  for (let at = 0; at < vector.length; at++) vector[at] = (vector[at] as number) * by;
}
