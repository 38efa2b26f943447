// The first models against what the real scikit-learn recorded: every number equal bit for bit, every refusal refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { toBatch } from "../../src/data/to-batch.ts";
import { compileGraph } from "../../src/engine/compile.ts";
import { loadModel } from "../../src/loaders/load-model.ts";
import type { SyncPredictor } from "../../src/model/predictor.ts";
import { type GoldenModel, goldenModels, readLines, sharedPath, withoutShared } from "./shared-data.ts";

const names: readonly string[] = [
  "lin_reg-sk1.0.2",
  "lin_reg-sk1.5.1",
  "forest-sk1.5.1",
  "forest_full-sk1.5.1",
  "forest-mlflow-1.26",
  "forest-mlflow-2.22",
  "forest-mlflow-3.18-cloudpickle",
  "forest-mlflow-3.18-skops",
  "forest-skops-sk1.9.1",
];

for (const name of names) {
  test(`${name} answers every recorded row with Python's own bits`, { skip: withoutShared }, async (t) => {
    const golden = goldenModels().find((model) => model.name === name) as GoldenModel;
    const { graph } = await loadModel([sharedPath(`models/${golden.file}`)]);
    const rows = readLines(sharedPath(`models/goldens/${name}.ndjson`));
    const refused = readLines(sharedPath(`models/goldens/${name}.errors.ndjson`));
    assert.equal(rows.length, golden.rows);
    assert.equal(refused.length, golden.refused);
    for (const kernels of ["reference", "fast"] as const) {
      const predictor = compileGraph(graph, { kernels });
      assertRows(
        predictor,
        rows.map((row) => row.input),
        rows.map((row) => row.predict as number),
      );
      for (const row of rows) assertRows(predictor, [row.input], [row.predict as number]);
      assertRefused(
        predictor,
        refused.map((row) => row.input),
      );
    }
    t.diagnostic(`${rows.length} rows bit-exact in a batch and alone, ${refused.length} refused`);
  });
}

function assertRows(predictor: SyncPredictor, inputs: readonly unknown[], expected: readonly number[]): void {
  const { batch, issues } = toBatch(inputs, predictor.input);
  assert.deepEqual(issues, []);
  const predictions = predictor.predict(batch);
  assert.deepEqual(predictions.issues, []);
  const column = predictions.outputs["predict"];
  assert.equal(column?.kind, "number");
  for (const [row, value] of expected.entries()) {
    const actual = column.values[row];
    assert.ok(
      Object.is(actual, value),
      `row ${row}: ${actual} where Python has ${value}: ${JSON.stringify(inputs[row])}`,
    );
  }
}

/** Each refused row is refused alone, and in a batch it does not spoil its neighbours. */
function assertRefused(predictor: SyncPredictor, inputs: readonly unknown[]): void {
  const { batch, issues } = toBatch(inputs, predictor.input);
  const found = new Set([...issues, ...predictor.predict(batch).issues].map((issue) => issue.row));
  assert.deepEqual(
    [...found].sort((a, b) => a - b),
    inputs.map((_, row) => row),
  );
}
