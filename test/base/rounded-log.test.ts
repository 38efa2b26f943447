// roundedLog and roundedExp against known values and against the engine's own functions.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { roundedExp, roundedLog } from "../../src/base/rounded-log.ts";

test("known logarithms and exponentials are the nearest doubles", () => {
  // ln 0.3 = -1.20397280432593599262…, ln(11/30) = -1.00330210918803…, as mpmath has them.
  assert.equal(roundedLog(0.3), -1.2039728043259361);
  assert.equal(roundedLog(2), Math.LN2);
  assert.equal(roundedLog(10), Math.LN10);
  assert.equal(roundedLog(1), 0);
  assert.equal(roundedLog(1 + 2 ** -52), 2 ** -52 - 2 ** -105);
  assert.equal(roundedExp(1), Math.E);
  assert.equal(roundedExp(0), 1);
  assert.equal(roundedExp(-1), 0.36787944117144233);
});

test("both stay within two units of the engine's own, for numbers of every size", () => {
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= 2 * 2 ** -52 * Math.max(Math.abs(a), 5e-324);
  fc.assert(
    fc.property(fc.double({ min: 5e-324, max: Number.MAX_VALUE, noNaN: true }), (x) =>
      near(roundedLog(x), Math.log(x)),
    ),
  );
  fc.assert(fc.property(fc.double({ min: -690, max: 690, noNaN: true }), (x) => near(roundedExp(x), Math.exp(x))));
});

test("what has no finite logarithm gives what Math.log gives", () => {
  assert.equal(roundedLog(0), Number.NEGATIVE_INFINITY);
  assert.ok(Number.isNaN(roundedLog(-1)));
  assert.equal(roundedLog(Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY);
  assert.equal(roundedExp(1000), Number.POSITIVE_INFINITY);
  assert.equal(roundedExp(-1000), 0);
});
