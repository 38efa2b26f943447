// Metrics, against numbers that scikit-learn 1.6.1 gives for the same answers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { classificationMetrics, regressionMetrics } from "../../src/train/metrics.ts";

function assertClose(actual: number | null, expected: number): void {
  assert.ok(actual !== null && Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);
}

test("errors of a regression", () => {
  const { rmse, mae, r2 } = regressionMetrics(Float64Array.of(3, -0.5, 2, 7), Float64Array.of(2.5, 0, 2, 8));
  assertClose(rmse, Math.sqrt(0.375));
  assertClose(mae, 0.5);
  assertClose(r2, 0.9486081370449679);
});

test("a share of nothing is 1 when all is right, 0 when not, and of one row unknown", () => {
  assert.equal(regressionMetrics(Float64Array.of(2, 2), Float64Array.of(2, 2)).r2, 1);
  assert.equal(regressionMetrics(Float64Array.of(2, 2), Float64Array.of(2, 3)).r2, 0);
  assert.equal(regressionMetrics(Float64Array.of(2), Float64Array.of(2)).r2, null);
});

test("two classes: equal scores count half for the area", () => {
  const positive = [0.1, 0.4, 0.35, 0.8, 0.4];
  const { auc, accuracy, log_loss } = classificationMetrics(
    Float64Array.of(0, 0, 1, 1, 1),
    Float64Array.from(positive.flatMap((each) => [1 - each, each])),
    2,
  );
  assertClose(auc, 0.75);
  assertClose(accuracy, 0.6);
  assertClose(log_loss, -(Math.log(0.9) + Math.log(0.6) + Math.log(0.35) + Math.log(0.8) + Math.log(0.4)) / 5);
});

test("several classes: the mean area of one against the rest; a certain mistake costs no more than 36", () => {
  const probabilities = Float64Array.of(0.6, 0.3, 0.1, 0.2, 0.5, 0.3, 0.1, 0.1, 0.8, 1, 0, 0);
  const { auc, log_loss } = classificationMetrics(Float64Array.of(0, 1, 2, 1), probabilities, 3);
  assertClose(auc, (2 / 3 + 1 / 2 + 1) / 3);
  assertClose(log_loss, -(Math.log(0.6) + Math.log(0.5) + Math.log(0.8) + Math.log(Number.EPSILON)) / 4);
});

test("without rows of a class there is no area", () => {
  assert.equal(classificationMetrics(Float64Array.of(0, 0), Float64Array.of(1, 0, 0.5, 0.5), 2).auc, null);
});
