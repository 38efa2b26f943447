// Models of LightGBM that lie: counts, children, cycles, sets, functions. Each is a typed error that names its place.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isTrimaranError, type TrimaranError } from "../../../src/base/errors.ts";
import { readModel } from "../../../src/formats/read/read-model.ts";
import { recordedText } from "./recorded-files.ts";

const plain = recordedText("lgbm470/lightgbm-dense-txt.txt");
const categorical = recordedText("lgbm470/lightgbm-categorical-txt.txt");
const linear = recordedText("lgbm470/lightgbm-linear-tree-txt.txt");
const frame = recordedText("lgbm470/lightgbm-frame-categories-txt.txt");

function open(text: string): ReturnType<typeof readModel>["graph"] {
  return readModel([{ kind: "file", name: "model.txt", bytes: new TextEncoder().encode(text) }]).graph;
}

function refusal(text: string): TrimaranError {
  try {
    open(text);
  } catch (error) {
    if (isTrimaranError(error)) return error;
    throw error;
  }
  throw new Error("it was read");
}

/** The error of a text whose first line that begins with `key=` is another one. */
function changed(text: string, key: string, change: (value: string) => string): TrimaranError {
  const other = text.replace(new RegExp(`^${key}=(.*)$`, "m"), (_, value: string) => `${key}=${change(value)}`);
  assert.notEqual(other, text, `${key} does not stand in the text`);
  return refusal(other);
}

const firstNumber = (value: string | number) => (line: string) => [value, ...line.split(" ").slice(1)].join(" ");

test("the recorded models themselves are read", () => {
  for (const text of [plain, categorical, linear, frame]) assert.equal(open(text).defaultMethod, "predict");
  assert.equal(open(plain.replaceAll("\n", "\r\n")).defaultMethod, "predict");
});

test("children out of range and cycles are refused", () => {
  for (const child of [99, -99, 2147483647, -4294967295]) {
    const error = changed(plain, "left_child", firstNumber(child));
    assert.equal(error.code, "MODEL_TREE");
    assert.equal(error.message, "Tree=0: the tree is not sound: a child lies outside of it.");
  }
  assert.equal(changed(plain, "left_child", firstNumber(0)).code, "MODEL_GRAPH");
});

test("numbers that are none are refused with their line", () => {
  for (const value of ["nan", "0x10", "1e", "--1", "", "9 9"]) {
    const error = changed(plain, "threshold", firstNumber(value));
    assert.equal(error.code, "MODEL_ATTRIBUTE", value);
    assert.match(error.message, /^Tree=0\.threshold: /);
  }
  assert.equal(changed(plain, "split_feature", firstNumber(1.5)).code, "MODEL_ATTRIBUTE");
  assert.equal(changed(plain, "split_feature", firstNumber(5)).code, "MODEL_TREE");
  assert.equal(changed(plain, "decision_type", firstNumber(12)).code, "MODEL_TREE");
});

test("an infinite threshold is legal", () => {
  const text = plain.replace(/^threshold=\S+/m, "threshold=inf");
  assert.equal(open(text).defaultMethod, "predict");
});

test("counts are held against the lines, and huge ones take no memory", () => {
  assert.equal(changed(plain, "num_leaves", () => "268435456").code, "MODEL_ATTRIBUTE");
  assert.equal(changed(plain, "num_leaves", () => "0").code, "MODEL_TREE");
  assert.equal(changed(plain, "num_leaves", () => "99999999999").code, "MODEL_ATTRIBUTE");
  assert.equal(changed(plain, "max_feature_idx", () => "2147483646").code, "MODEL_ATTRIBUTE");
  assert.equal(changed(plain, "num_tree_per_iteration", () => "60000").code, "MODEL_ATTRIBUTE");
  assert.equal(changed(plain, "num_tree_per_iteration", () => "0").code, "MODEL_ATTRIBUTE");
  assert.equal(changed(plain, "leaf_value", (line) => `${line} 1`).code, "MODEL_ATTRIBUTE");
});

test("sets of categories that lead elsewhere are refused", () => {
  assert.equal(changed(categorical, "cat_boundaries", firstNumber(3)).code, "MODEL_TREE");
  assert.equal(changed(categorical, "cat_boundaries", (line) => line.replace(/\d+$/, "99")).code, "MODEL_TREE");
  assert.equal(changed(categorical, "cat_threshold", firstNumber(-1.5)).code, "MODEL_ATTRIBUTE");
  const unknownSet = changed(categorical, "decision_type", (line) => line.replaceAll(/\d+/g, "1"));
  assert.match(unknownSet.message, /names a set that it lacks/);
});

test("functions of leaves that read no feature are refused", () => {
  const second = linear.slice(linear.indexOf("Tree=1"));
  const head = linear.slice(0, linear.indexOf("Tree=1"));
  const other = (from: RegExp, to: string): TrimaranError => refusal(head + second.replace(from, to));
  assert.equal(other(/^leaf_features=0/m, "leaf_features=7").code, "MODEL_TREE");
  assert.equal(other(/^leaf_features=0/m, "leaf_features=-1").code, "MODEL_TREE");
  assert.equal(other(/^num_features=1/m, "num_features=-1").code, "MODEL_TREE");
  assert.equal(other(/^num_features=1/m, "num_features=3").code, "MODEL_ATTRIBUTE");
});

test("categories of a data frame whose columns the file does not name are refused, not guessed", () => {
  const ordered = frame
    .replace("[categorical_feature: 1,2]", "[categorical_feature: 1]")
    .replace(/^feature_infos=.*$/m, "feature_infos=[19:80] -1:2:1:3:0 [0:2]");
  const error = refusal(ordered);
  assert.equal(error.code, "MODEL_UNSUPPORTED");
  assert.match(error.message, /^pandas_categorical: /);
});

test("another objective, another version and trees out of order are refused", () => {
  assert.equal(changed(plain, "objective", () => "my_own").code, "MODEL_UNSUPPORTED");
  assert.equal(changed(plain, "version", () => "v9").code, "MODEL_UNSUPPORTED");
  assert.equal(refusal(plain.replace("Tree=1", "Tree=3")).code, "FORMAT_DAMAGED");
  assert.equal(refusal(plain.replace("num_leaves=", "num_cat=")).code, "FORMAT_DAMAGED");
});
