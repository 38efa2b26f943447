// The XGBoost and LightGBM models of ../shared against what the real libraries recorded, with plain and with fast kernels.
import assert from "node:assert/strict";
import { test } from "node:test";
import { toBatch } from "../../src/data/to-batch.ts";
import { compileGraph } from "../../src/engine/compile.ts";
import { loadModel } from "../../src/loaders/load-model.ts";
import type { SyncPredictor } from "../../src/model/predictor.ts";
import { rowOf } from "./replay/compare-answers.ts";
import { type GoldenModel, type GoldenRow, goldenModels, readLines, sharedPath, withoutShared } from "./shared-data.ts";

const names: readonly string[] = [
  ...["xgb-2.1.1-json", "xgb-2.1.1-pkl", "xgb-2.1.1-ubj", "xgb-3.4.1-json", "xgb-3.4.1-pkl", "xgb-3.4.1-ubj"],
  ...["xgb-mlflow-3.18", "xgb_payment-2.1.1", "xgb_payment-3.4.1"],
  ...["lgbm-4.5.0-pkl", "lgbm-4.5.0-txt", "lgbm-4.7.0-pkl", "lgbm-4.7.0-txt", "lgbm-mlflow-3.18"],
  ...["lgbm_payment-4.5.0", "lgbm_payment-4.7.0"],
];

for (const name of names) {
  test(`${name} answers every recorded row as the library did`, { skip: withoutShared }, async (t) => {
    const golden = goldenModels().find((model) => model.name === name) as GoldenModel;
    const { graph } = await loadModel([sharedPath(`models/${golden.file}`)]);
    const rows = readLines(sharedPath(`models/goldens/${name}.ndjson`));
    assert.equal(rows.length, golden.rows);
    for (const kernels of ["reference", "fast"] as const) {
      const predictor = compileGraph(graph, { kernels });
      assertRows(predictor, golden, rows);
      for (const row of rows.slice(0, 40)) assertRows(predictor, golden, [row]);
    }
    t.diagnostic(`${rows.length} rows, ${golden.exact ? "bit for bit" : `within ${golden.tolerance?.rel}`}`);
  });
}

function assertRows(predictor: SyncPredictor, golden: GoldenModel, rows: readonly GoldenRow[]): void {
  const { batch, issues } = toBatch(
    rows.map((row) => row.input),
    predictor.input,
  );
  assert.deepEqual(issues, []);
  const [first] = rows;
  const methods = (["predict", "predict_proba"] as const).filter((method) => first?.[method] !== undefined);
  const predictions = predictor.predict(batch, { methods });
  assert.deepEqual(predictions.issues, []);
  for (const method of methods) {
    const column = predictions.outputs[method];
    assert.ok(column !== undefined);
    for (const [row, expected] of rows.entries()) {
      const actual = numbersOf(rowOf(column, row));
      const wanted = numbersOf(expected[method]);
      assert.equal(actual.length, wanted.length);
      for (const [at, value] of wanted.entries()) {
        const answer = actual[at] as number;
        const { rel = 0, abs = 0 } = golden.tolerance ?? {};
        const close = golden.exact ? Object.is(answer, value) : Math.abs(answer - value) <= rel * Math.abs(value) + abs;
        assert.ok(close, `${method}, row ${row}: ${answer} where the library has ${value}`);
      }
    }
  }
}

/** A number, a label of a number, or an array of numbers. */
function numbersOf(value: unknown): readonly number[] {
  if (Array.isArray(value)) return value.flatMap(numbersOf);
  if (typeof value === "object" && value !== null && "value" in value) return [Number(value.value)];
  return [value as number];
}
