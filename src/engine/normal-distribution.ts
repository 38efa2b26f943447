// The standard normal distribution: its probability function and the inverse of it.
import { normalQuantileTables } from "../model/normal-quantile-tables.ts";

/** P(X ≤ x). */
export function normalProbability(x: number): number {
  if (Number.isNaN(x)) return x;
  const upper = upperTail(Math.abs(x));
  return x < 0 ? upper : 1 - upper;
}

/** P(X > x) for x ≥ 0: a series of positive terms near the middle, a continued fraction in the tail. */
function upperTail(x: number): number {
  const density = Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  if (x < 2) {
    let [term, sum] = [x, x];
    for (let n = 3; term > sum * 2 ** -55; n += 2) {
      term *= (x * x) / n;
      sum += term;
    }
    return 0.5 - density * sum;
  }
  if (density === 0) return 0;
  let fraction = x;
  for (let n = 160; n > 0; n--) fraction = x + n / fraction;
  return density / fraction;
}

const { middle, near, far } = normalQuantileTables;

/** The x with P(X ≤ x) = p; ±infinity at 0 and 1. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0 || p === 1) return p === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(middle.above, r)) / polynomial(middle.below, r);
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const { above, below } = r <= 5 ? near : far;
  const shifted = r - (r <= 5 ? 1.6 : 5);
  const x = polynomial(above, shifted) / polynomial(below, shifted);
  return q < 0 ? -x : x;
}

function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (const coefficient of coefficients) value = value * x + coefficient;
  return value;
}
