// The shared ONNX models through the real onnxruntime-node, against what Python's onnxruntime recorded; and from every place that a
// model can come from.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openModel as openInPage } from "../../src/browser.ts";
import type { OutputValue } from "../../src/data/prediction-text.ts";
import { openModel } from "../../src/index.ts";
import { loadPredictor } from "../../src/loaders/load-predictor.ts";
import { modelService } from "../../src/serving/model-service.ts";
import { onnxRuntime, withoutRuntime } from "../formats/onnx/onnx-fixture.ts";
import { type GoldenModel, goldenModels, readLines, sharedPath, withoutShared } from "./shared-data.ts";

const skip = withoutShared || withoutRuntime;
const churn = "churn_lr-onnx-sk1.5.1";
const forest = "forest-onnx-sk1.5.1";
const fileOf = (name: string): string => sharedPath(`models/${goldenOf(name).file}`);
const goldenOf = (name: string): GoldenModel => goldenModels().find((model) => model.name === name) as GoldenModel;
const rowsOf = (name: string, kind = ""): ReturnType<typeof readLines> =>
  readLines(sharedPath(`models/goldens/${name}${kind}.ndjson`));

test(`${churn} answers every recorded row within float32`, { skip }, async (t) => {
  await using model = await openModel(fileOf(churn), { onnxRuntime });
  const rows = rowsOf(churn);
  assert.equal(rows.length, goldenOf(churn).rows);
  assert.deepEqual(model.methods, ["predict", "predict_proba"]);
  const inputs = rows.map((row) => row.input);
  const answers = await model.predict(inputs, { methods: ["predict", "predict_proba"] });
  for (const [row, { predict, predict_proba }] of rows.entries()) {
    assert.equal(answers[row]?.["predict"], predict);
    assertNear(answers[row]?.["predict_proba"] as readonly number[], predict_proba ?? []);
  }
  const refused = rowsOf(churn, ".errors");
  assert.equal(refused.length, goldenOf(churn).refused);
  const none = await model.predict(
    refused.map((row) => row.input),
    { onRefused: "null" },
  );
  assert.deepEqual(
    none,
    refused.map(() => null),
  );
  t.diagnostic(`${rows.length} rows within tolerance, ${refused.length} refused`);
});

test(`${forest} answers every recorded row within float32, a row's dictionary made a vector before`, {
  skip,
}, async (t) => {
  const vocabulary = JSON.parse(readFileSync(sharedPath("models/forest-sk1.5.1.vocabulary.json"), "utf8")) as unknown;
  const names = Array.isArray(vocabulary) ? (vocabulary as string[]) : Object.keys(vocabulary as object);
  await using model = await openModel(fileOf(forest), { onnxRuntime });
  const rows = rowsOf(forest);
  assert.equal(rows.length, goldenOf(forest).rows);
  const answers = await model.predict(rows.map((row) => vectorOf(row.input, names)));
  assertNear(
    answers as readonly number[],
    rows.map((row) => row.predict as number),
  );
  // The others are refused by the vectorizer, before the graph sees them.
  const beyond = rowsOf(forest, ".errors").filter((row) => row.error?.startsWith("ValueError"));
  assert.ok(beyond.length > 0);
  const none = await model.predict(
    beyond.map((row) => vectorOf(row.input, names)),
    { onRefused: "null" },
  );
  assert.deepEqual(
    none,
    beyond.map(() => null),
  );
  t.diagnostic(`${rows.length} rows within tolerance, ${beyond.length} refused`);
});

test("an ONNX file answers the same from bytes, in a page's entry, from a folder of MLflow and in a service", {
  skip,
}, async () => {
  const rows = rowsOf(churn)
    .slice(0, 20)
    .map((row) => row.input);
  await using byPath = await openModel(fileOf(churn), { onnxRuntime });
  const expected = await byPath.predict(rows);
  const bytes = new Uint8Array(readFileSync(fileOf(churn)));
  await using byBytes = await openModel({ name: "churn.onnx", bytes }, { onnxRuntime });
  assert.deepEqual(await byBytes.predict(rows), expected);
  await using inPage = await openInPage({ name: "churn.onnx", bytes }, { onnxRuntime });
  assert.deepEqual(await inPage.predict(rows), expected);

  const folder = mkdtempSync(join(tmpdir(), "trimaran-onnx-"));
  try {
    mkdirSync(join(folder, "model"));
    cpSync(fileOf(churn), join(folder, "model", "model.onnx"));
    const flavors =
      "flavors:\n  onnx:\n    data: model.onnx\n    onnx_version: 1.16.2\n    providers: [CPUExecutionProvider]\n";
    writeFileSync(join(folder, "model", "MLmodel"), `${flavors}run_id: 0123456789abcdef\n`);
    const model = await loadPredictor([join(folder, "model")], { onnxRuntime });
    assert.equal(model.facts.format, "mlflow/onnx");
    assert.equal(model.version, "0123456789abcdef");
    const service = modelService({ model, predictor: model.predictor });
    const answers = await service.answer(rows);
    assert.deepEqual(
      rows.map((_, row) => answers.value(row)["predict"] as OutputValue),
      expected,
    );
    await service.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("without a runtime the refusal says what to install", { skip: withoutShared }, async () => {
  const source = { name: "churn.onnx", bytes: new Uint8Array(readFileSync(fileOf(churn))) };
  await assert.rejects(openInPage(source), { code: "ONNX_RUNTIME", kind: "missing", fix: /npm i onnxruntime-node/ });
});

function assertNear(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  for (const [at, value] of expected.entries()) {
    const far = Math.abs((actual[at] ?? Number.NaN) - value);
    assert.ok(far <= 1e-6 + 1e-5 * Math.abs(value), `${at}: ${actual[at]} where Python has ${value}`);
  }
}

/** What the DictVectorizer beside this model would make of a row. */
function vectorOf(row: unknown, names: readonly string[]): readonly (number | null)[] {
  const record = row as Readonly<Record<string, unknown>>;
  const values = new Map<string, number | null>();
  for (const [key, value] of Object.entries(record)) {
    if (typeof value === "string") values.set(`${key}=${value}`, 1);
    else if (Array.isArray(value)) for (const each of value) values.set(`${key}=${String(each)}`, 1);
    else values.set(key, value === null ? null : Number(value));
  }
  return names.map((name) => (values.has(name) ? (values.get(name) ?? null) : 0));
}
