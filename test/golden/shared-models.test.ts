// Every model of ../shared against what the real libraries recorded: bit for bit where the manifest says so, else within
// its tolerance; in a batch and row by row, by the fast kernels and by the plain ones; what the library refuses is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { outputValue } from "../../src/data/prediction-text.ts";
import { toBatch } from "../../src/data/to-batch.ts";
import { compileGraph } from "../../src/engine/compile.ts";
import { loadModel } from "../../src/loaders/load-model.ts";
import type { SyncPredictor } from "../../src/model/predictor.ts";
import { type GoldenModel, type GoldenRow, goldenModels, readLines, sharedPath, withoutShared } from "./shared-data.ts";

/** ONNX graphs are answered by onnxruntime; test/golden/onnx-models.test.ts holds them. */
const models = withoutShared === false ? goldenModels().filter((model) => !model.file.endsWith(".onnx")) : [];

test("the shared models are here", { skip: withoutShared }, () => {
  assert.equal(models.length, 47);
});

for (const golden of models) {
  test(`${golden.name} answers every recorded row as Python does`, async (t) => {
    const { graph } = await loadModel([sharedPath(`models/${golden.file}`)]);
    const rows = readLines(sharedPath(`models/goldens/${golden.name}.ndjson`)).map((row) => inputOf(row, golden));
    const refused = readLines(sharedPath(`models/goldens/${golden.name}.errors.ndjson`)).map((row) =>
      inputOf(row, golden),
    );
    assert.equal(rows.length, golden.rows);
    assert.equal(refused.length, golden.refused);
    for (const kernels of ["reference", "fast"] as const) {
      const predictor = compileGraph(graph, { kernels });
      assertAnswers(predictor, rows, golden);
      for (const row of rows) assertAnswers(predictor, [row], golden);
      assertRefused(predictor, refused);
    }
    t.diagnostic(
      `${rows.length} rows ${golden.exact ? "bit-exact" : "within tolerance"} in a batch and alone, ${refused.length} refused`,
    );
  });
}

/** A frame's row is an object; an array's row lies in the order of `columns`. */
function inputOf(row: GoldenRow, golden: GoldenModel): GoldenRow {
  if (golden.input !== "arrays" || Array.isArray(row.input)) return row;
  const record = row.input as Readonly<Record<string, unknown>>;
  return { ...row, input: (golden.columns ?? []).map((column) => record[column]) };
}

function assertAnswers(predictor: SyncPredictor, rows: readonly GoldenRow[], golden: GoldenModel): void {
  const { batch, issues } = toBatch(
    rows.map((row) => row.input),
    predictor.input,
  );
  assert.deepEqual(issues, []);
  const methods = (["predict", "predict_proba"] as const).filter((method) => rows[0]?.[method] !== undefined);
  const predictions = predictor.predict(batch, { methods });
  assert.deepEqual(predictions.issues, []);
  for (const method of methods) {
    const column = predictions.outputs[method];
    assert.ok(column !== undefined);
    for (const [row, expected] of rows.entries()) {
      const actual = outputValue(column, row);
      const same = isSame(actual, expected[method], golden);
      assert.ok(
        same,
        `${method} of row ${row}: ${JSON.stringify(actual)}, in Python ${JSON.stringify(expected[method])}`,
      );
    }
  }
}

function isSame(actual: unknown, expected: unknown, golden: GoldenModel): boolean {
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((each, i) => isSame(actual[i], each, golden))
    );
  }
  if (typeof expected !== "number" || typeof actual !== "number") return actual === expected;
  if (golden.exact || golden.tolerance === undefined) return Object.is(actual, expected);
  const { rel, abs = 0 } = golden.tolerance;
  return Math.abs(actual - expected) <= Math.max(abs, rel * Math.abs(expected));
}

/** Each refused row is refused. */
function assertRefused(predictor: SyncPredictor, rows: readonly GoldenRow[]): void {
  const { batch, issues } = toBatch(
    rows.map((row) => row.input),
    predictor.input,
  );
  const found = new Set([...issues, ...predictor.predict(batch).issues].map((issue) => issue.row));
  assert.deepEqual(
    [...found].sort((a, b) => a - b),
    rows.map((_, row) => row),
  );
}
