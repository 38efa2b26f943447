// The shared churn models, pipelines over mixed columns: every recorded row as the real scikit-learn answered it, with its own
// bits where the manifest says so.
import assert from "node:assert/strict";
import { test } from "node:test";
import { outputValue } from "../../src/data/prediction-text.ts";
import { toBatch } from "../../src/data/to-batch.ts";
import { compileGraph } from "../../src/engine/compile.ts";
import { loadModel } from "../../src/loaders/load-model.ts";
import { type GoldenModel, type GoldenRow, goldenModels, readLines, sharedPath, withoutShared } from "./shared-data.ts";

const models = withoutShared === false ? goldenModels().filter(isChurn) : [];

function isChurn({ name }: GoldenModel): boolean {
  return name.startsWith("churn_") && !name.includes("-onnx-");
}

test("the churn models are there", { skip: withoutShared }, () => {
  assert.equal(models.length, 18);
});

for (const model of models) {
  test(`${model.name} answers every recorded row in a batch and alone`, async () => {
    const { graph } = await loadModel([sharedPath(`models/${model.file}`)]);
    const predictor = compileGraph(graph);
    const rows = readLines(sharedPath(`models/goldens/${model.name}.ndjson`));
    assert.equal(rows.length, model.rows);
    const ask = (asked: readonly GoldenRow[]) => {
      const { batch, issues } = toBatch(
        asked.map(({ input }) => input),
        predictor.input,
      );
      const predictions = predictor.predict(batch, { methods: ["predict", "predict_proba"] });
      assert.deepEqual([...issues, ...predictions.issues], []);
      return asked.map((_, row) => ({
        label: outputValue(predictions.outputs["predict"] as never, row),
        shares: outputValue(predictions.outputs["predict_proba"] as never, row) as readonly number[],
      }));
    };
    const together = ask(rows);
    for (const [row, recorded] of rows.entries()) {
      const answer = together[row];
      assert.equal(answer?.label, recorded.predict);
      assert.deepEqual(ask([recorded])[0], answer);
      for (const [at, share] of (recorded.predict_proba ?? []).entries()) {
        assertClose(answer?.shares[at], share, model);
      }
    }
  });
}

function assertClose(actual: number | undefined, expected: number, { exact, tolerance }: GoldenModel): void {
  const gap = Math.abs((actual ?? Number.NaN) - expected);
  const allowed = exact ? 0 : (tolerance?.abs ?? 0) + (tolerance?.rel ?? 0) * Math.abs(expected);
  assert.ok(gap <= allowed, `${actual} where Python has ${expected}`);
}
