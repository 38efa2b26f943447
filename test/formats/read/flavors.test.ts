// Model folders of MLflow over XGBoost and LightGBM: which file is read, and as what.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { type ReadModel, readModel } from "../../../src/formats/read/read-model.ts";
import { recordedFile } from "../boosters/recorded-files.ts";

function openFolder(mlmodel: string, member: string, bytes: Uint8Array): ReadModel {
  const files = new Map([
    ["MLmodel", new TextEncoder().encode(mlmodel)],
    [member, bytes],
  ]);
  return readModel([{ kind: "folder", name: "folder", files }]);
}

const xgboost = recordedFile("xgb341/xgboost-XGBClassifier-binary-json.json");
const lightgbm = recordedFile("lgbm470/lightgbm-regression-txt.txt");
const wrapper = recordedFile("lgbm470/lightgbm-LGBMClassifier-yesno-pkl.pkl");

test("the xgboost flavour's data is read; a file that a classifier saved answers labels", () => {
  const { graph, facts } = openFolder("flavors: {xgboost: {data: model.json}}\n", "model.json", xgboost);
  assert.equal(facts.format, "mlflow/xgboost-json");
  assert.deepEqual(facts.versions, { XGBoost: ["3.4.1"] });
  assert.deepEqual(Object.keys(graph.outputs), ["predict", "predict_proba"]);
});

test("the lightgbm flavour's data is read as text or as a pickled wrapper", () => {
  const text = openFolder("flavors: {lightgbm: {data: model.lgb}}\n", "model.lgb", lightgbm);
  assert.equal(text.facts.format, "mlflow/lightgbm-v4");
  assert.deepEqual(Object.keys(text.graph.outputs), ["predict", "decision_function"]);
  const pickled = openFolder("flavors: {lightgbm: {data: model.pkl}}\n", "model.pkl", wrapper);
  assert.equal(pickled.facts.format, "mlflow/pickle");
  assert.deepEqual(Object.keys(pickled.graph.outputs), ["predict", "predict_proba", "decision_function"]);
});

test("Python's general flavour alone is enough where its loader is of a library that is read", () => {
  const mlmodel = (loader: string): string =>
    `flavors: {python_function: {loader_module: ${loader}, data: model.json, predict_fn: predict_proba}}\n`;
  const { graph } = openFolder(mlmodel("mlflow.xgboost"), "model.json", xgboost);
  assert.equal(graph.defaultMethod, "predict_proba");
  assert.throws(
    () => openFolder(mlmodel("mlflow.prophet"), "model.json", xgboost),
    (error) => isTrimaranError(error) && error.code === "MLMODEL_FLAVOR",
  );
});

test("JSON that is no model of XGBoost is refused in words", () => {
  assert.throws(
    () => openFolder("flavors: {xgboost: {data: m.json}}\n", "m.json", new TextEncoder().encode('{"a": 1}')),
    (error) => isTrimaranError(error) && error.code === "FORMAT_UNKNOWN" && /no model of XGBoost/.test(error.message),
  );
});
