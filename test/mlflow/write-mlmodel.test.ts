// An MLmodel file that is written is read as it was meant, by our reader and by whoever speaks YAML 1.1.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { readInputExample } from "../../src/mlflow/input-example.ts";
import { readMLmodel } from "../../src/mlflow/mlmodel.ts";
import { readSignature, type SignatureField } from "../../src/mlflow/signature.ts";
import { exampleFiles, type MLmodelFields, writeMLmodel } from "../../src/mlflow/write-mlmodel.ts";

const inputs: readonly SignatureField[] = [
  { kind: "column", name: 'a "b": {c}', type: "string", required: true },
  { kind: "column", name: "é", type: "double", required: true },
];
const outputs: readonly SignatureField[] = [{ kind: "tensor", name: "predict", dtype: "float64", shape: [-1, 2] }];
const fields: MLmodelFields = {
  artifactPath: "mlflow-artifacts:/1/models/m-1/artifacts",
  runId: "1e10",
  modelId: "m-0123",
  modelUuid: "00000000000000000000000000000001",
  created: new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 6)),
  mlflowVersion: "3.10",
  flavors: { onnx: { data: "model.onnx", code: null, onnx_version: "1.20" }, trimaran: { data: "model.trimaran" } },
  inputs,
  outputs,
  modelBytes: 12,
};

test("what looks like a number, a date or nothing stays the text that it is", () => {
  const text = writeMLmodel(fields);
  const read = readMLmodel(new TextEncoder().encode(text), "model");
  assert.deepEqual(
    [read.runId, read.modelId, read.modelUuid, read.mlflowVersion],
    ["1e10", "m-0123", "00000000000000000000000000000001", "3.10"],
  );
  assert.deepEqual([...read.flavors.keys()], ["onnx", "trimaran"]);
  const yaml = parse(text, { version: "1.1", schema: "yaml-1.1" }) as Record<string, unknown>;
  assert.equal(yaml["utc_time_created"], "2026-01-02 03:04:05.006000");
  assert.equal((yaml["flavors"] as Record<string, Record<string, unknown>>)["onnx"]?.["onnx_version"], "1.20");
  assert.deepEqual(Object.keys(yaml), Object.keys(yaml).toSorted());
});

test("a signature is what it was", () => {
  const read = readMLmodel(new TextEncoder().encode(writeMLmodel(fields)), "model");
  assert.deepEqual(readSignature(read, "model"), { inputs, outputs, params: null });
});

test("a model that no run made names none", () => {
  const read = readMLmodel(new TextEncoder().encode(writeMLmodel({ ...fields, runId: null, modelId: null })), "model");
  assert.deepEqual([read.runId, read.modelId], [null, null]);
});

test("an example keeps its numbers doubles in Python, and its rows by name", () => {
  const files = exampleFiles(
    ["zone", "miles"],
    [
      ["a", 3],
      ["b", 0.25],
      ["", 1e21],
    ],
  );
  assert.match(files["input_example.json"] ?? "", /\["a", 3\.0\]/);
  for (const text of Object.values(files)) {
    assert.deepEqual(readInputExample(new TextEncoder().encode(text)), [
      { zone: "a", miles: 3 },
      { zone: "b", miles: 0.25 },
      { zone: "", miles: 1e21 },
    ]);
  }
});
