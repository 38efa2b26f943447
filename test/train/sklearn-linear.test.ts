// Least squares and ridge against scikit-learn's own.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { fitLinear } from "../../src/train/fit-linear.ts";
import type { TrainingMatrix } from "../../src/train/training-matrix.ts";
import { counts, denseNumbers, matrixOf, randomFrom, rides } from "./made-rows.ts";
import { askPeer, type PeerAnswer, sklearnPeer } from "./sklearn-peer.ts";

const python = await sklearnPeer();
const skip = python === undefined && "scikit-learn cannot be installed";

const numbers = denseNumbers(700);
/** One column is the sum of two others, and one is a million times as large. */
const dependent = {
  rows: numbers.rows.map((row) => ({
    ...row,
    sum: Number(row["x0"]) + Number(row["x2"]),
    large: 1e6 * Number(row["x4"]),
  })),
  targets: numbers.targets,
};
const few = { rows: numbers.rows.slice(0, 6), targets: numbers.targets.slice(0, 6) };

function weighted(matrix: TrainingMatrix): TrainingMatrix {
  const random = randomFrom(3);
  return { ...matrix, weights: matrix.targets.map(() => 1 + Math.floor(random() * 4)) };
}

interface Case {
  readonly name: string;
  readonly matrix: TrainingMatrix;
  readonly dense: boolean;
  readonly alpha: number;
  /** Of the answers, against their spread. */
  readonly within: number;
}

const cases: readonly Case[] = [
  { name: "least squares of numbers", matrix: matrixOf(numbers), dense: true, alpha: 0, within: 1e-10 },
  { name: "ridge of numbers", matrix: matrixOf(numbers), dense: true, alpha: 3, within: 1e-10 },
  { name: "least squares of dependent columns", matrix: matrixOf(dependent), dense: true, alpha: 0, within: 1e-9 },
  { name: "more columns than rows", matrix: matrixOf(few), dense: true, alpha: 0, within: 1e-9 },
  { name: "ridge of more columns than rows", matrix: matrixOf(few), dense: true, alpha: 2, within: 1e-9 },
  { name: "weighted least squares", matrix: weighted(matrixOf(numbers)), dense: true, alpha: 0, within: 1e-10 },
  { name: "least squares of rides", matrix: matrixOf(rides(900)), dense: false, alpha: 0, within: 1e-4 },
  { name: "ridge of rides", matrix: matrixOf(rides(900)), dense: false, alpha: 1, within: 1e-9 },
  { name: "ridge of more categories than rows", matrix: matrixOf(rides(60)), dense: false, alpha: 1, within: 1e-4 },
  { name: "weighted ridge of counts", matrix: weighted(matrixOf(counts(400))), dense: false, alpha: 2, within: 1e-9 },
  {
    name: "weighted least squares of counts",
    matrix: weighted(matrixOf(counts(400))),
    dense: false,
    alpha: 0,
    within: 1e-4,
  },
];

const answers = new Map<string, PeerAnswer>();

before(async () => {
  if (python === undefined) return;
  const asked = cases.map(({ matrix, dense, alpha }) => ({
    model: alpha === 0 ? ("LinearRegression" as const) : ("Ridge" as const),
    params: alpha === 0 ? {} : { alpha },
    dense,
    matrix,
  }));
  for (const [at, answer] of (await askPeer(python, asked)).entries()) answers.set(cases[at]?.name ?? "", answer);
});

for (const { name, matrix, alpha, within } of cases) {
  test(`answers what scikit-learn's answers: ${name}`, { skip }, () => {
    const theirs = answers.get(name) as PeerAnswer;
    const fit = fitLinear(matrix.rows, matrix.targets, { alpha, weights: matrix.weights ?? undefined });
    const { starts, columns, values } = matrix.rows;
    const spread = Math.max(...matrix.targets) - Math.min(...matrix.targets);
    for (const [row, wanted] of theirs.predict.entries()) {
      let sum = fit.intercept;
      for (let at = starts[row] ?? 0; at < (starts[row + 1] ?? 0); at++) {
        sum += (values[at] ?? 0) * (fit.coefficients[columns[at] ?? 0] ?? 0);
      }
      assert.ok(Math.abs(sum - Number(wanted)) <= within * spread, `row ${row}: ${sum} is not ${wanted}`);
    }
    // Of several solutions it is the same one.
    const largest = Math.max(...theirs.coefficients.map(Math.abs));
    for (const [column, wanted] of theirs.coefficients.entries()) {
      const own = fit.coefficients[column] ?? 0;
      assert.ok(Math.abs(own - wanted) <= 100 * within * largest, `${matrix.names[column]}: ${own} is not ${wanted}`);
    }
  });
}
