// The normal distribution against published values, and there and back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { normalProbability, normalQuantile } from "../../src/engine/normal-distribution.ts";

/** x, P(X ≤ x), as scipy.stats.norm.cdf of scipy 1.15 has them. */
const known: readonly (readonly [number, number])[] = [
  [0, 0.5],
  [1, 0.8413447460685429],
  [-1.959963984540054, 0.025],
  [-5.199337582605575, 9.999999977795507e-8],
  [-8, 6.22096057427174e-16],
  [-37, 5.7255712225239266e-300],
];

test("gives the probabilities that scipy gives, far into the tail", () => {
  for (const [x, p] of known) {
    const found = normalProbability(x);
    assert.ok(Math.abs(found - p) <= 1e-12 * p, `P(X ≤ ${x}) is ${found}, not ${p}`);
  }
  assert.equal(normalProbability(40), 1);
  assert.equal(normalProbability(Number.NaN), Number.NaN);
});

test("quantiles lead back to their probabilities", () => {
  for (const p of [1e-300, 1e-20, 1e-7, 0.01, 0.074, 0.3, 0.5, 0.7, 0.926, 0.99]) {
    const back = normalProbability(normalQuantile(p));
    assert.ok(Math.abs(back - p) <= 2e-13 * p * Math.max(1, normalQuantile(p) ** 2), `${p} became ${back}`);
  }
  assert.equal(normalQuantile(0), Number.NEGATIVE_INFINITY);
  assert.equal(normalQuantile(1), Number.POSITIVE_INFINITY);
  assert.equal(normalQuantile(-0.1), Number.NaN);
});
