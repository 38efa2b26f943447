// From rows to a graph that predicts, is exported and scored.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compileGraph } from "../../src/engine/compile.ts";
import { readGraphFile, writeGraphFile } from "../../src/formats/graph/graph-file.ts";
import { writeOnnx } from "../../src/formats/onnx/write-onnx.ts";
import { modelScorer } from "../../src/train/score-model.ts";
import { trainModel } from "../../src/train/train-model.ts";
import { trainingMatrixBuilder } from "../../src/train/training-matrix.ts";
import { denseNumbers, matrixOf, rides } from "./made-rows.ts";

test("a linear model answers its coefficients' sum, and knows what it was made of", async () => {
  const made = rides(300);
  const matrix = matrixOf(made);
  const { graph, estimator, params, coefficients, importances, nodes } = await trainModel(matrix, {
    kind: "linear",
    alpha: 0.5,
  });
  assert.deepEqual([estimator, params, importances, nodes], ["Ridge", { alpha: 0.5, fit_intercept: true }, null, 0]);
  assert.deepEqual(
    coefficients?.map(({ name }) => name),
    matrix.names,
  );
  assert.deepEqual(
    graph.ops.map(({ kind }) => kind),
    ["vectorize", "require_finite", "affine"],
  );
  const rows = [{ pair: "never seen", day: "d1", distance: 2 }];
  const { outputs, warnings } = compileGraph(graph).predict({ kind: "records", rows });
  assert.ok(outputs["predict"]?.kind === "number" && Number.isFinite(outputs["predict"].values[0]));
  assert.equal(warnings[0]?.code, "unseen_category");
});

test("a forest's parameters stand under scikit-learn's names", async () => {
  const { params, estimator, importances } = await trainModel(matrixOf(rides(200)), { kind: "forest", trees: 3 });
  assert.equal(estimator, "RandomForestRegressor");
  assert.deepEqual(params, {
    n_estimators: 3,
    criterion: "squared_error",
    max_depth: null,
    min_samples_split: 2,
    min_samples_leaf: 1,
    max_features: 1,
    max_leaf_nodes: null,
    min_impurity_decrease: 0,
    bootstrap: true,
    max_samples: null,
    random_state: 0,
  });
  assert.ok(Math.abs((importances ?? []).reduce((sum, { value }) => sum + value, 0) - 1) < 1e-12);
});

test("a classifier answers labels of the targets' own type, and probabilities", async () => {
  const made = rides(400, 3);
  const matrix = matrixOf(made, "classification");
  const { graph } = await trainModel(matrix, { kind: "forest", trees: 20 });
  const { outputs } = compileGraph(graph).predict(
    { kind: "records", rows: made.rows },
    { methods: ["predict", "predict_proba"] },
  );
  const labels = outputs["predict"];
  const shares = outputs["predict_proba"];
  assert.ok(labels?.kind === "label" && shares?.kind === "number" && shares.width === 3);
  assert.deepEqual(labels.labels, [matrix.classes]);
  let right = 0;
  for (const [row, code] of labels.codes.entries()) if (matrix.classes?.[code]?.value === made.targets[row]) right++;
  assert.ok(right > 360, `${right} of 400 of the rows that it was fitted to`);
});

test("numbers only are a matrix, by name, and the model refuses what it was not made for", async () => {
  const { rows, targets } = denseNumbers(200);
  const builder = trainingMatrixBuilder({ task: "regression", layout: "matrix" });
  builder.add({ rows, targets });
  const matrix = builder.finish();
  const { graph } = await trainModel(matrix, { kind: "forest", trees: 5 });
  assert.ok(graph.input.kind === "matrix" && graph.input.named);
  const scorer = modelScorer(graph, matrix);
  scorer.add([...rows, { x0: null }], [...targets, 3]);
  scorer.add([{}, {}], [null, "text"]);
  const { leftOut, rows: scored } = scorer.finish();
  assert.deepEqual([leftOut, scored], [{ missingTarget: 1, unfitTarget: 1, refused: 1 }, 200]);
});

test("a score is of the rows that can be scored, and none of none", async () => {
  const made = rides(200, 2);
  const matrix = matrixOf(made, "classification");
  const { graph } = await trainModel(matrix, { kind: "forest", trees: 5 });
  const scorer = modelScorer(graph, matrix);
  scorer.add(made.rows, made.targets);
  scorer.add(made.rows.slice(0, 1), ["class 9"]);
  const { metrics, leftOut } = scorer.finish();
  assert.ok("auc" in metrics && (metrics.auc ?? 0) > 0.9);
  assert.equal(leftOut.unfitTarget, 1);
  assert.throws(() => modelScorer(graph, matrix).finish(), { code: "TRAIN_DATA" });
});

test("a linear model of classes is refused", async () => {
  const matrix = matrixOf(rides(50, 2), "classification");
  await assert.rejects(trainModel(matrix, { kind: "linear" }), { code: "TRAIN_DATA" });
});

test("what was fitted survives its file to the last bit, and is written as ONNX", async () => {
  const made = rides(300);
  for (const spec of [{ kind: "linear" }, { kind: "forest", trees: 4 }] as const) {
    const { graph } = await trainModel(matrixOf(made), spec);
    const file = readGraphFile(writeGraphFile({ model: { kind: "graph", graph }, versions: {} }), "made");
    assert.ok(file.model.kind === "graph");
    const batch = { kind: "records", rows: made.rows } as const;
    assert.deepEqual(compileGraph(file.model.graph).predict(batch), compileGraph(graph).predict(batch));
    assert.ok(writeOnnx(graph).bytes.length > 1000);
  }
});
