// Least squares and ridge, against solutions that can be worked out by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fitLinear } from "../../src/train/fit-linear.ts";
import type { SparseRows } from "../../src/train/sparse-rows.ts";

function rowsOf(dense: readonly (readonly number[])[]): SparseRows {
  const width = dense[0]?.length ?? 0;
  const cells = dense.flatMap((row) =>
    row.map((value, column) => ({ value, column })).filter(({ value }) => value !== 0),
  );
  const starts = [0];
  for (const row of dense) starts.push((starts.at(-1) as number) + row.filter((value) => value !== 0).length);
  return {
    width,
    starts: Int32Array.from(starts),
    columns: Int32Array.from(cells, ({ column }) => column),
    values: Float64Array.from(cells, ({ value }) => value),
  };
}

function assertClose(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-8 * Math.max(1, Math.abs(expected)), `${actual} is not ${expected}`);
}

test("finds the coefficients that made the targets", () => {
  const dense = Array.from({ length: 200 }, (_, row) => [row % 7, Math.sin(row), (row * row) % 11]);
  const targets = Float64Array.from(dense, ([a = 0, b = 0, c = 0]) => 2 * a - 3.5 * b + 0.25 * c + 9);
  const { coefficients, intercept } = fitLinear(rowsOf(dense), targets);
  for (const [at, expected] of [2, -3.5, 0.25].entries()) assertClose(coefficients[at] as number, expected);
  assertClose(intercept, 9);
});

test("one-hot columns answer each group's mean", () => {
  const { coefficients, intercept } = fitLinear(
    rowsOf([
      [1, 0],
      [1, 0],
      [0, 1],
      [0, 1],
      [0, 1],
    ]),
    Float64Array.of(1, 3, 10, 11, 12),
  );
  assertClose(intercept + (coefficients[0] as number), 2);
  assertClose(intercept + (coefficients[1] as number), 11);
  assertClose((coefficients[0] as number) + (coefficients[1] as number), 0);
});

test("ridge shrinks the coefficient and not the intercept", () => {
  // Centred x is −1, 0, 1 and centred y −2, 0, 2: 4 / (2 + alpha).
  const { coefficients, intercept } = fitLinear(rowsOf([[1], [2], [3]]), Float64Array.of(5, 7, 9), { alpha: 2 });
  assertClose(coefficients[0] as number, 1);
  assertClose(intercept, 5);
});

test("a constant column and a single row get no weight", () => {
  assert.deepEqual([...fitLinear(rowsOf([[4], [4], [4]]), Float64Array.of(1, 2, 3)).coefficients], [0]);
  assert.deepEqual(fitLinear(rowsOf([[4, 2]]), Float64Array.of(6)).intercept, 6);
});

test("a constant that rounding would move gets no weight", () => {
  const dense = Array.from({ length: 10 }, (_, row) => [0.1, row]);
  const { coefficients } = fitLinear(
    rowsOf(dense),
    Float64Array.from(dense, (_, row) => 2 * row + 1),
  );
  assert.equal(coefficients[0], 0);
  assertClose(coefficients[1] as number, 2);
});

test("two vocabularies side by side, which depend on one another, settle on the least squares", () => {
  const dense = Array.from({ length: 300 }, (_, row) => {
    const cells = new Array<number>(11).fill(0);
    cells[row % 5] = 1;
    cells[5 + ((row * row) % 5)] = 1;
    cells[10] = Math.cos(row) * 10;
    return cells;
  });
  const targets = Float64Array.from(dense, (_, row) => Math.sin(row * 3) + row / 50);
  const { coefficients, intercept } = fitLinear(rowsOf(dense), targets, { tolerance: 1e-14 });
  const left = dense.map((row, at) => {
    const answer = row.reduce((sum, value, column) => sum + value * (coefficients[column] as number), intercept);
    return (targets[at] as number) - answer;
  });
  // At the least squares what is left stands square to every column.
  for (let column = 0; column < 11; column++) {
    const product = left.reduce((sum, each, at) => sum + each * (dense[at]?.[column] as number), 0);
    assert.ok(Math.abs(product) < 1e-8, `column ${column}: ${product}`);
  }
});

test("refuses data that nothing can be fitted to", () => {
  const code = { code: "TRAIN_DATA" };
  assert.throws(() => fitLinear(rowsOf([]), new Float64Array()), code);
  assert.throws(() => fitLinear(rowsOf([[Number.NaN]]), Float64Array.of(1)), code);
  assert.throws(() => fitLinear(rowsOf([[1]]), Float64Array.of(Infinity)), code);
  assert.throws(() => fitLinear(rowsOf([[1]]), Float64Array.of(1, 2)), code);
  assert.throws(() => fitLinear(rowsOf([[1]]), Float64Array.of(1), { alpha: -1 }), { code: "TRAIN_OPTION" });
  assert.throws(() => fitLinear(rowsOf([[1]]), Float64Array.of(1), { tolerance: 0 }), { code: "TRAIN_OPTION" });
  assert.throws(() => fitLinear(rowsOf([[1]]), Float64Array.of(1), { weights: Float64Array.of(0) }), code);
});
