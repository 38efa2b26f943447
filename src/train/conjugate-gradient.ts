// Ridge by conjugate gradients: over the columns, or over the rows where they are fewer. It starts and stops as scikit-learn's
// "sparse_cg" does. Source: M. R. Hestenes and E. Stiefel, "Methods of Conjugate Gradients for Solving Linear Systems" (1952);
// `_solve_sparse_cg` in sklearn/linear_model/_ridge.py.
import { type CentredProblem, dot, norm, thereAndBack, transposed } from "./centred-rows.ts";
import type { Solution } from "./lsqr.ts";

/** `alpha` is above 0. */
export function solveConjugate(problem: CentredProblem, alpha: number, tolerance: number): Solution {
  const { rows, targets } = problem;
  const there = new Float64Array(targets.length);
  const back = new Float64Array(rows.width);
  if (rows.width <= targets.length) {
    const right = new Float64Array(rows.width);
    transposed(problem, targets, right);
    return descend(right, tolerance, (p, q) => {
      thereAndBack(problem, { v: p, u: there, back: 0, into: back });
      for (let at = 0; at < q.length; at++) q[at] = (back[at] as number) + alpha * (p[at] as number);
    });
  }
  const zero = new Float64Array(rows.width);
  const { coefficients, iterations } = descend(targets, tolerance, (p, q) => {
    transposed(problem, p, back);
    thereAndBack(problem, { v: back, u: q, back: 0, into: zero });
    for (let at = 0; at < q.length; at++) q[at] = (q[at] as number) + alpha * (p[at] as number);
  });
  const answer = new Float64Array(rows.width);
  transposed(problem, coefficients, answer);
  return { coefficients: answer, iterations };
}

/** Solves matrix · x = right, where `apply` writes matrix · p into q. */
function descend(right: Float64Array, tolerance: number, apply: (p: Float64Array, q: Float64Array) => void): Solution {
  const x = new Float64Array(right.length);
  const rest = right.slice();
  const p = new Float64Array(right.length);
  const q = new Float64Array(right.length);
  const goal = tolerance * norm(right);
  const limit = 10 * right.length;
  let before = 0;
  let iterations = 0;
  for (; iterations < limit; iterations++) {
    const squares = dot(rest, rest);
    if (squares === 0 || Math.sqrt(squares) < goal) break;
    const keep = iterations === 0 ? 0 : squares / before;
    for (let at = 0; at < p.length; at++) p[at] = (rest[at] as number) + keep * (p[at] as number);
    apply(p, q);
    const along = squares / dot(p, q);
    for (let at = 0; at < x.length; at++) {
      x[at] = (x[at] as number) + along * (p[at] as number);
      rest[at] = (rest[at] as number) - along * (q[at] as number);
    }
    before = squares;
  }
  return { coefficients: x, iterations };
}
