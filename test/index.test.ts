// What `import … from "trimaran"` gives: a name is added or taken away here knowingly, or not at all.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseSync } from "oxc-parser";
import * as trimaran from "../src/index.ts";

const values = [
  "TrimaranError",
  "boolean",
  "category",
  "date",
  "defineDeployment",
  "defineEstimator",
  "integer",
  "isTrimaranError",
  "list",
  "number",
  "object",
  "openDeployment",
  "openModel",
  "string",
  "timestamp",
];
const types = [
  "AttributeView",
  "Batch",
  "CheckReport",
  "ComputedValue",
  "CustomEstimator",
  "Definition",
  "ErrorKind",
  "EstimatorColumn",
  "EstimatorMethods",
  "EstimatorOptions",
  "EstimatorView",
  "FeatureRow",
  "FeatureValue",
  "Field",
  "GraphValue",
  "Infer",
  "InferInput",
  "Issue",
  "MethodAnswers",
  "ModelBytes",
  "ModelDescription",
  "ModelInput",
  "OpenDeploymentOptions",
  "OpenModelOptions",
  "OpenedDeployment",
  "OpenedModel",
  "OutputRow",
  "OutputValue",
  "PredictMethodsOptions",
  "PredictRowsOptions",
  "Schema",
];

test("the package exports these values", () => {
  assert.deepEqual(Object.keys(trimaran).sort(), values);
});

test("the package exports these types", () => {
  const text = readFileSync(new URL("../src/index.ts", import.meta.url), "utf8");
  const { module } = parseSync("index.ts", text);
  const entries = module.staticExports.flatMap((statement) => statement.entries);
  const names = entries.map((entry) => entry.exportName.name ?? "*");
  assert.deepEqual(names.filter((name) => !values.includes(name)).sort(), types);
});
