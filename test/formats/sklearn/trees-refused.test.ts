// Tree models with attributes that do not fit: each is refused with a typed error and the path inside the file. The files
// are recorded ones whose inert tree is changed before it becomes a graph.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { TrimaranError } from "../../../src/base/errors.ts";
import { isNode, type PyDict, type PyNode, type PyValue, pyTuple } from "../../../src/formats/pickle/tree.ts";
import { readPickledModel } from "../../../src/formats/read/pickled-model.ts";
import { readEstimator } from "../../../src/formats/sklearn/read-estimator.ts";

const recorded = new URL("../../golden/sklearn/recorded/", import.meta.url);

function rootOf(file: string): PyValue {
  const { root, problem } = readPickledModel(readFileSync(new URL(file, recorded)), file);
  assert.ok(root !== undefined, String(problem));
  return root;
}

function stateOf(value: PyValue | undefined): PyDict {
  const state = isNode(value) && value.kind === "object" ? value.states.at(-1) : undefined;
  assert.ok(isNode(state) && state.kind === "dict");
  return state;
}

function get(value: PyValue | undefined, name: string): PyValue {
  const state = stateOf(value);
  return state.values[state.keys.indexOf(name)] ?? null;
}

function set(value: PyValue | undefined, name: string, to: PyValue): void {
  const state = stateOf(value);
  const at = state.keys.indexOf(name);
  if (at >= 0) state.values[at] = to;
  else {
    state.keys.push(name);
    state.values.push(to);
  }
}

function items(value: PyValue): PyValue[] {
  assert.ok(isNode(value) && (value.kind === "list" || value.kind === "tuple"));
  return value.items as PyValue[];
}

/** Changes `file` and gives the error that reading it throws. */
function refusalOf(file: string, change: (root: PyValue) => void): TrimaranError {
  const root = rootOf(file);
  change(root);
  try {
    readEstimator(root, { name: file });
  } catch (error) {
    assert.ok(error instanceof TrimaranError, String(error));
    return error;
  }
  assert.fail(`${file} was read`);
}

function expectRefusal(
  file: string,
  change: (root: PyValue) => void,
  { code, says }: { code: string; says: RegExp },
): void {
  const error = refusalOf(file, change);
  assert.equal(error.code, code, error.message);
  assert.match(error.message, says);
}

/** Changes a byte range of the record array `nodes`. */
function patchNodes(holder: PyValue, name: string, patch: (bytes: Uint8Array) => void): void {
  const array = get(holder, name) as PyNode;
  assert.ok(array.kind === "object");
  const state = array.states.at(-1);
  assert.ok(isNode(state) && state.kind === "tuple");
  const cells = [...state.items];
  const at = cells.findIndex((item) => isNode(item) && item.kind === "bytes");
  const bytes = cells[at];
  assert.ok(isNode(bytes) && bytes.kind === "bytes");
  const copy = new Uint8Array(bytes.value);
  patch(copy);
  cells[at] = { ...bytes, value: copy };
  array.states[array.states.length - 1] = pyTuple(cells);
}

const forest = "sk151/trees-RandomForestClassifier-three.joblib";
const boosted = "sk151/gb-GradientBoostingRegressor-squared_error.pkl";
const histogram = "sk102/hgb-HistGradientBoostingRegressor-categorical.pkl";

test("an unknown loss or strategy is named with its path", () => {
  expectRefusal(boosted, (root) => set(root, "loss", "my_loss"), { code: "MODEL_UNSUPPORTED", says: /loss.*my_loss/ });
  expectRefusal(histogram, (root) => set(root, "loss", "my_loss"), {
    code: "MODEL_UNSUPPORTED",
    says: /loss.*my_loss/,
  });
  expectRefusal("sk151/others-DummyClassifier-prior-yesno.pkl", (root) => set(root, "_strategy", "stratified"), {
    code: "MODEL_UNSUPPORTED",
    says: /strategy stratified/,
  });
});

test("a member of a class that is not read is named with its place in the ensemble", () => {
  const change = (root: PyValue): void => {
    const first = items(get(root, "estimators_"))[0] as PyNode;
    assert.ok(first.kind === "object");
    const callee = { ...first.callee, module: "shop.models", name: "MyTree" };
    items(get(root, "estimators_"))[0] = { ...first, callee };
  };
  expectRefusal(forest, change, { code: "MODEL_UNSUPPORTED", says: /estimators_\[0\].*shop\.models\.MyTree/ });
});

test("an ensemble without members, or with classes that do not fit its trees, is refused", () => {
  expectRefusal(forest, (root) => set(root, "estimators_", { kind: "list", items: [] }), {
    code: "MODEL_ATTRIBUTE",
    says: /estimators_.*empty/,
  });
  const classes = get(rootOf("sk151/trees-RandomForestClassifier-ten.pkl"), "classes_");
  expectRefusal(forest, (root) => set(root, "classes_", classes), { code: "MODEL_ATTRIBUTE", says: /classes_/ });
});

test("an ensemble that holds itself ends with an error", () => {
  const change = (root: PyValue): void => {
    items(get(root, "estimators_"))[0] = root;
  };
  const error = refusalOf("sk151/trees-BaggingClassifier-logistic.pkl", change);
  assert.equal(error.code, "MODEL_UNSUPPORTED", error.message);
});

test("trees of histogram boosting with children, features or sets out of range are refused", () => {
  const tree = (root: PyValue): PyValue => items(items(get(root, "_predictors"))[0] ?? null)[0] ?? null;
  // 52 bytes a node (until 1.2): left u4 at 25, feature_idx u4 at 12, is_categorical u1 at 47, bitset_idx u4 at 48.
  const patch = (offset: number, value: number) => (root: PyValue) =>
    patchNodes(tree(root), "nodes", (bytes) =>
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(offset, value, true),
    );
  const place = /_predictors\[0\]\[0\]/;
  expectRefusal(histogram, patch(25, 0), { code: "MODEL_TREE", says: place });
  expectRefusal(histogram, patch(25, 1_000_000), { code: "MODEL_TREE", says: place });
  expectRefusal(histogram, patch(12, 99), { code: "MODEL_TREE", says: place });
  const set99 = (root: PyValue): void =>
    patchNodes(tree(root), "nodes", (bytes) => {
      bytes[47] = 1;
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(48, 99, true);
    });
  expectRefusal(histogram, set99, { code: "MODEL_TREE", says: /set/ });
});

test("two paths to one node of a histogram tree are refused", () => {
  const change = (root: PyValue): void => {
    const tree = items(items(get(root, "_predictors"))[0] ?? null)[0] ?? null;
    patchNodes(tree, "nodes", (bytes) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      view.setUint32(29, view.getUint32(25, true), true);
    });
  };
  expectRefusal(histogram, change, { code: "MODEL_GRAPH", says: /twice/ });
});

test("weights, shares and starts that do not fit are refused", () => {
  expectRefusal(boosted, (root) => set(root, "init_", "mean"), { code: "MODEL_UNSUPPORTED", says: /init_/ });
  expectRefusal("sk151/trees-BaggingClassifier.pkl", (root) => set(root, "n_estimators", 7), {
    code: "MODEL_ATTRIBUTE",
    says: /n_estimators/,
  });
  expectRefusal(
    "sk151/trees-BaggingClassifier.pkl",
    (root) => set(root, "estimators_features_", { kind: "list", items: [] }),
    { code: "MODEL_ATTRIBUTE", says: /estimators_features_/ },
  );
});
