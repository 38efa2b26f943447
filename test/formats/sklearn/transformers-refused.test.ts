// Transformers with attributes that do not fit, or that hold what is not supported: each is refused with a typed error and the
// path inside the file. The files are recorded ones whose inert tree is changed before it becomes a graph.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isNode, type PyDict, type PyValue, pyGlobal, pyTuple } from "../../../src/formats/pickle/tree.ts";
import { readPickledModel } from "../../../src/formats/read/pickled-model.ts";
import { readEstimator } from "../../../src/formats/sklearn/read-estimator.ts";
import { recordedCases } from "../../golden/replay/recorded-case.ts";

const recorded = new URL("../../golden/sklearn/recorded", import.meta.url).pathname;

function stateOf(value: PyValue): PyDict {
  const state = isNode(value) && value.kind === "object" ? value.states.at(-1) : undefined;
  assert.ok(isNode(state) && state.kind === "dict");
  return state;
}

interface Refused {
  readonly name: string;
  readonly attribute: string;
  readonly to: PyValue;
  readonly code: string;
  readonly says: RegExp;
}

const list = (...items: PyValue[]): PyValue => ({ kind: "list", items });
const lambda = pyGlobal("my.code", "function", 0);
const unsupported = "MODEL_UNSUPPORTED";
const unsound = "MODEL_ATTRIBUTE";

const refused: readonly Refused[] = [
  {
    name: "compose-ColumnTransformer-positions",
    attribute: "transformers_",
    to: list(pyTuple(["all", "passthrough", list(9)])),
    code: unsound,
    says: /transformers_\[0\].*no column 9/,
  },
  {
    name: "compose-ColumnTransformer-positions",
    attribute: "transformers_",
    to: list(pyTuple(["all", "passthrough", lambda])),
    code: unsupported,
    says: /transformers_\[0\].*my\.code\.function/,
  },
  {
    name: "compose-ColumnTransformer-positions",
    attribute: "transformers_",
    to: list(pyTuple(["all", lambda, list(0)])),
    code: unsupported,
    says: /transformers_\[0\]/,
  },
  {
    name: "compose-ColumnTransformer-positions",
    attribute: "transformers_",
    to: list(pyTuple(["all", "drop", list(0)])),
    code: unsupported,
    says: /drops every column/,
  },
  {
    name: "compose-FeatureUnion-weights-drop",
    attribute: "transformer_weights",
    to: lambda,
    code: unsound,
    says: /transformer_weights/,
  },
  {
    name: "preprocessing-OneHotEncoder-error",
    attribute: "categories_",
    to: list(1),
    code: unsound,
    says: /categories_\[0\]/,
  },
  {
    name: "preprocessing-OneHotEncoder-error",
    attribute: "handle_unknown",
    to: "guess",
    code: unsound,
    says: /handle_unknown/,
  },
  { name: "preprocessing-OneHotEncoder-error", attribute: "dtype", to: lambda, code: unsound, says: /dtype/ },
  {
    name: "preprocessing-TargetEncoder-real-auto",
    attribute: "encodings_",
    to: list(),
    code: unsound,
    says: /encodings_/,
  },
  {
    name: "preprocessing-FunctionTransformer-validate",
    attribute: "func",
    to: lambda,
    code: unsupported,
    says: /^func: .*my\.code\.function/,
  },
  {
    name: "preprocessing-FunctionTransformer-validate",
    attribute: "func",
    to: pyGlobal("numpy", "logical_not", 0),
    code: unsupported,
    says: /numpy\.logical_not/,
  },
  { name: "preprocessing-KNNImputer-uniform", attribute: "weights", to: lambda, code: unsupported, says: /^weights/ },
  { name: "preprocessing-KNNImputer-uniform", attribute: "metric", to: lambda, code: unsound, says: /^metric/ },
  {
    name: "preprocessing-SelectFromModel",
    attribute: "importance_getter",
    to: lambda,
    code: unsupported,
    says: /^importance_getter/,
  },
  { name: "preprocessing-SelectFromModel", attribute: "threshold", to: "2*mode", code: unsound, says: /^threshold/ },
  { name: "preprocessing-PolynomialFeatures-two", attribute: "degree", to: 60, code: unsupported, says: /^degree/ },
  {
    name: "preprocessing-SplineTransformer-constant",
    attribute: "extrapolation",
    to: "guess",
    code: unsound,
    says: /^extrapolation/,
  },
  {
    name: "preprocessing-QuantileTransformer-uniform",
    attribute: "output_distribution",
    to: "guess",
    code: unsound,
    says: /^output_distribution/,
  },
  {
    name: "preprocessing-PowerTransformer-box-cox-True",
    attribute: "method",
    to: "guess",
    code: unsound,
    says: /^method/,
  },
  { name: "preprocessing-PCA-two", attribute: "mean_", to: list(), code: unsound, says: /^mean_|array was expected/ },
  {
    name: "compose-TransformedTargetRegressor-scaler",
    attribute: "transformer_",
    to: lambda,
    code: unsupported,
    says: /^transformer_/,
  },
  {
    name: "compose-GridSearchCV",
    attribute: "best_estimator_",
    to: null,
    code: "MODEL_UNFITTED",
    says: /best_estimator_/,
  },
];

for (const { name, attribute, to, code, says } of refused) {
  test(`${name} is refused when ${attribute} is not what the library writes`, () => {
    const [golden] = recordedCases(recorded, `sk191/${name}`).filter((each) => each.case === name);
    assert.ok(golden !== undefined, `${name} is not recorded`);
    const { root } = readPickledModel(readFileSync(golden.path), golden.path);
    assert.ok(root !== undefined);
    const state = stateOf(root);
    const at = state.keys.indexOf(attribute);
    assert.ok(at >= 0, `the file has no ${attribute}`);
    state.values[at] = to;
    assert.throws(() => readEstimator(root, { name }), { code, message: says });
  });
}

test("OneHotEncoder is refused when its rare categories lead into another column's places", () => {
  const name = "preprocessing-OneHotEncoder-infrequent";
  const [golden] = recordedCases(recorded, `sk191/${name}`).filter((each) => each.case === name);
  assert.ok(golden !== undefined);
  const { root } = readPickledModel(readFileSync(golden.path), golden.path);
  assert.ok(root !== undefined);
  const state = stateOf(root);
  const mappings = state.values[state.keys.indexOf("_default_to_infrequent_mappings")];
  assert.ok(isNode(mappings) && mappings.kind === "list");
  const [mapping] = mappings.items;
  const bytes = isNode(mapping) && mapping.kind === "object" ? mapping.states.concat(mapping.args.items) : [];
  const data = bytes.flatMap((each) => (isNode(each) && each.kind === "tuple" ? each.items : [each]));
  const raw = data.find((each) => isNode(each) && each.kind === "bytes" && each.value.length >= 16);
  assert.ok(isNode(raw) && raw.kind === "bytes");
  raw.value[0] = 77;
  assert.throws(() => readEstimator(root, { name }), { code: unsound, message: /places outside/ });
});
