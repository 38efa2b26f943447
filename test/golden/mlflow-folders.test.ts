// Folders that releases of MLflow from 1.26 to 3 wrote: inspected, opened, and their logged examples answered as Python answered
// them.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { inspectModel } from "../../src/cli/model-report.ts";
import { modelReportText } from "../../src/cli/model-report-text.ts";
import { loadPredictor } from "../../src/loaders/load-predictor.ts";
import { checkInputExample } from "../../src/serving/check-input-example.ts";
import { modelService } from "../../src/serving/model-service.ts";
import { onnxRuntime, withoutRuntime } from "../formats/onnx/onnx-fixture.ts";

const recorded = new URL("mlflow/recorded/", import.meta.url);

for (const release of readdirSync(recorded).sort()) {
  const answers = JSON.parse(readFileSync(new URL(`${release}/recorded.json`, recorded), "utf8"));
  describe(`the folders of ${release}`, () => {
    for (const [name, expected] of Object.entries(answers as Record<string, readonly number[]>)) {
      const path = new URL(`${release}/${name}`, recorded).pathname;
      const isOnnx = name.startsWith("onnx");

      test(`${name} answers its own example`, { skip: isOnnx && withoutRuntime }, async () => {
        const model = await loadPredictor([path], { onnxRuntime });
        const { signature, example: inputExample } = model.facts;
        const service = modelService({ model, predictor: model.predictor, signature, inputExample });
        assert.deepEqual(await checkInputExample(service), []);
        assert.equal(inputExample.length, expected.length);
        const answered = await service.answer(inputExample);
        const [method = ""] = service.methods;
        for (const [row, value] of expected.entries()) {
          const got = [answered.value(row)[method]].flat()[0] as number;
          // A graph of float32 is held to float32.
          assert.ok(Math.abs(got - value) <= (isOnnx ? 1e-5 : 1e-12) * Math.abs(value), `row ${row}`);
        }
        await service.close();
      });

      test(`${name} is inspected with its example`, async () => {
        const { report, problem } = await inspectModel(path);
        assert.equal(problem, null);
        assert.equal(report.mlflow?.example.length, expected.length);
        assert.match(modelReportText(report), new RegExp(`input example\\n {2}${expected.length} rows: `));
      });
    }
  });
}
