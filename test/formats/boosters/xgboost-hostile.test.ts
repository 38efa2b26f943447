// Models of XGBoost that lie: counts, children, cycles, thresholds, categories. Each is a typed error that names its place.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isTrimaranError, type TrimaranError } from "../../../src/base/errors.ts";
import { toBatch } from "../../../src/data/to-batch.ts";
import { compileGraph } from "../../../src/engine/compile.ts";
import { readModel } from "../../../src/formats/read/read-model.ts";
import { recordedFile, recordedText } from "./recorded-files.ts";

type Json = Record<string, unknown>;
interface Model {
  readonly learner: {
    readonly learner_model_param: Json;
    readonly objective: Json;
    readonly gradient_booster: Json & { readonly model: Json & { readonly trees: Json[]; tree_info: number[] } };
  };
}

const plain = "xgb341/xgboost-base-score-17.5-json.json";
const categorical = "xgb341/xgboost-categorical-partition-json.json";

function open(bytes: Uint8Array): ReturnType<typeof readModel>["graph"] {
  return readModel([{ kind: "file", name: "model", bytes }]).graph;
}

function openText(text: string): ReturnType<typeof readModel>["graph"] {
  return open(new TextEncoder().encode(text));
}

function refusal(make: () => unknown): TrimaranError {
  try {
    make();
  } catch (error) {
    if (isTrimaranError(error)) return error;
    throw error;
  }
  throw new Error("it was read");
}

/** The error of a recorded model after a change. */
function changed(change: (model: Model) => void, file = plain): TrimaranError {
  const model = JSON.parse(recordedText(file).replaceAll("NaN", "null")) as Model;
  change(model);
  return refusal(() => openText(JSON.stringify(model)));
}

const firstTree = (model: Model): Json => model.learner.gradient_booster.model.trees[0] as Json;
const numbers = (tree: Json, key: string): number[] => tree[key] as number[];

test("the recorded model itself is read", () => {
  assert.equal(openText(recordedText(plain)).defaultMethod, "predict");
});

test("children out of range, cycles and nodes that nothing reaches are refused with the tree's place", () => {
  for (const [child, problem] of [
    [9999, "a child lies outside of it"],
    [-2, "a child lies outside of it"],
    [0, "node 0 is reached twice"],
    [2, "node 2 is reached twice"],
  ] as const) {
    const error = changed((model) => {
      numbers(firstTree(model), "left_children")[0] = child;
    });
    assert.equal(error.code, "MODEL_TREE");
    assert.equal(error.message, `learner.gradient_booster.model.trees[0]: the tree is not sound: ${problem}.`);
  }
  const cut = changed((model) => {
    numbers(firstTree(model), "left_children")[1] = -1;
  });
  assert.match(cut.message, /nodes are never reached/);
});

test("features out of range, and thresholds that are no numbers, are refused", () => {
  const feature = changed((model) => {
    numbers(firstTree(model), "split_indices")[0] = 5;
  });
  assert.match(feature.message, /node 0 splits on no feature/);
  const threshold = changed((model) => {
    (firstTree(model)["split_conditions"] as unknown[])[0] = null;
  });
  assert.match(threshold.message, /node 0 has no threshold/);
});

test("an infinite threshold is legal", () => {
  const text = recordedText(plain).replace(/"split_conditions":\[[^,]*/, '"split_conditions":[Infinity');
  const predictor = compileGraph(openText(text));
  const { batch } = toBatch([[1, 2, 3, 4, 5]], predictor.input);
  assert.deepEqual(predictor.predict(batch).issues, []);
});

test("counts that the arrays do not have are refused, and huge ones take no memory", () => {
  const shorter = changed((model) => {
    numbers(firstTree(model), "left_children").pop();
  });
  assert.equal(shorter.code, "MODEL_ATTRIBUTE");
  const parameters: readonly (readonly [string, string])[] = [
    ["num_class", "4294967295"],
    ["num_class", "60000"],
    ["num_target", "60000"],
    ["num_feature", "2147483647"],
    ["num_feature", "-1"],
    ["num_feature", "2"],
    ["base_score", "[1,2,3]"],
    ["base_score", "[]"],
    ["base_score", "x"],
  ];
  for (const [key, value] of parameters) {
    const error = changed((model) => {
      model.learner.learner_model_param[key] = value;
    });
    assert.equal(error.code, "MODEL_ATTRIBUTE", `${key}=${value}: ${error.message}`);
  }
  const nodes = changed((model) => {
    (firstTree(model)["tree_param"] as Json)["num_nodes"] = "1000000000";
  });
  assert.equal(nodes.code, "MODEL_ATTRIBUTE");
  const target = changed((model) => {
    model.learner.gradient_booster.model.tree_info[0] = 7;
  });
  assert.equal(target.code, "MODEL_GRAPH");
});

test("categories that are none, or so large that their bits would fill the memory, are refused", () => {
  for (const [category, code] of [
    [-1, "MODEL_TREE"],
    [1.5, "MODEL_TREE"],
    [2 ** 31, "MODEL_TREE"],
  ] as const) {
    const error = changed((model) => {
      const tree = model.learner.gradient_booster.model.trees.find((each) => numbers(each, "categories").length > 0);
      numbers(tree as Json, "categories")[0] = category;
    }, categorical);
    assert.equal(error.code, code);
  }
  const segments = changed((model) => {
    const tree = model.learner.gradient_booster.model.trees.find((each) => numbers(each, "categories").length > 0);
    numbers(tree as Json, "categories_sizes")[0] = 1_000_000;
  }, categorical);
  assert.equal(segments.code, "MODEL_ATTRIBUTE");
});

test("what we do not know is unsupported, by name", () => {
  const objective = changed((model) => {
    model.learner.objective["name"] = "my:own";
  });
  assert.equal(objective.code, "MODEL_UNSUPPORTED");
  assert.match(objective.message, /learner\.objective: the objective my:own is not supported/);
  const linear = refusal(() => openText(recordedText("xgb341/xgboost-gblinear-json.json")));
  assert.equal(linear.code, "MODEL_UNSUPPORTED");
  assert.match(linear.message, /the booster gblinear/);
});

test("JSON nested without end, or no XGBoost at all, is refused", () => {
  assert.ok(refusal(() => openText(`{"learner":${"[".repeat(300_000)}`)).kind === "invalid");
  assert.ok(refusal(() => openText(`{"learner":${"[".repeat(50_000)}${"]".repeat(50_000)}}`)).kind === "invalid");
  assert.equal(refusal(() => openText('{"some": "thing"}')).code, "FORMAT_UNKNOWN");
});

test("the binary format is known without its magic number, and its counts are held against its bytes", () => {
  const bytes = recordedFile("xgb176/xgboost-squarederror-model.model");
  const bare = open(bytes.subarray(4));
  assert.deepEqual(bare.outputs, open(bytes).outputs);
  // num_trees stands after the learner's parameters and two names.
  const at = 4 + 136 + 8 + "reg:squarederror".length + 8 + "gbtree".length;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const trees = view.getInt32(at, true);
  for (const count of [0x7fffffff, -1, trees + 1]) {
    const lying = bytes.slice();
    new DataView(lying.buffer).setInt32(at, count, true);
    assert.ok(refusal(() => open(lying)).kind === "invalid");
  }
  const nodes = bytes.slice();
  new DataView(nodes.buffer).setInt32(at + 160 + 4, 0x7fffffff, true);
  assert.equal(refusal(() => open(nodes)).code, "FORMAT_DAMAGED");
});
