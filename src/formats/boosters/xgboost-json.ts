// XGBoost's model as JSON or UBJSON (1.0 and later) → parts.
//
//   { version: [3, 4, 1],
//     learner: { attributes, feature_names, feature_types, objective: { name, … },
//       learner_model_param: { base_score: "5E-1" or, from 3.1, "[5E-1]", num_class, num_feature, num_target },
//       gradient_booster: { name, model: { gbtree_model_param, tree_info, iteration_indptr, trees, cats, weight_drop } } } }
//
// Until 3.0 dart is { name: "dart", gbtree: { name, model }, weight_drop }. A pickled Booster is { Config, Model: all this }.
import { trimaranError } from "../../base/errors.ts";
import type { Label } from "../../data/predictions.ts";
import {
  countOf,
  entriesOf,
  hasMember,
  integersOf,
  itemsOf,
  type JsonValue,
  jsonError,
  type Located,
  memberOf,
  numberOf,
  numbersOf,
  textOf,
  textsOf,
} from "./json-value.ts";
import { xgboostTree } from "./xgboost-json-tree.ts";
import { evenRounds, maxFeatures, maxOutputs, maxTrees, type XgboostParts } from "./xgboost-parts.ts";

/** @throws MODEL_ATTRIBUTE, MODEL_TREE, MODEL_UNSUPPORTED */
export function xgboostParts(value: JsonValue): XgboostParts {
  const file: Located = { value, path: "" };
  const root = hasMember(file, "Model") ? memberOf(file, "Model") : file;
  const learner = memberOf(root, "learner");
  const parameters = memberOf(learner, "learner_model_param");
  const width = countOf(memberOf(parameters, "num_feature"), maxFeatures);
  const classes = countOf(memberOf(parameters, "num_class"), maxOutputs);
  const targets = hasMember(parameters, "num_target") ? countOf(memberOf(parameters, "num_target"), maxOutputs) : 1;
  const outputs = Math.max(1, classes, targets);
  const booster = memberOf(learner, "gradient_booster");
  const name = textOf(memberOf(booster, "name"));
  if (name !== "gbtree" && name !== "dart") {
    throw trimaranError("MODEL_UNSUPPORTED", { path: booster.path, what: `the booster ${name}`, nearest: "" });
  }
  const model = memberOf(
    name === "dart" && hasMember(booster, "gbtree") ? memberOf(booster, "gbtree") : booster,
    "model",
  );
  const trees = itemsOf(memberOf(model, "trees"));
  const counted = countOf(memberOf(memberOf(model, "gbtree_model_param"), "num_trees"), maxTrees);
  if (counted !== trees.length) throw jsonError(`${model.path}.trees`, `${counted} trees were expected`);
  const weights = [memberOf(model, "weight_drop"), memberOf(booster, "weight_drop")].find(
    (each) => each.value !== undefined,
  );
  return {
    version: versionOf(memberOf(root, "version")),
    objective: textOf(memberOf(memberOf(learner, "objective"), "name")),
    baseScore: baseScore(memberOf(parameters, "base_score")),
    width,
    outputs,
    attributes: attributesOf(learner),
    featureNames: hasMember(learner, "feature_names") ? textsOf(memberOf(learner, "feature_names")) : [],
    featureTypes: hasMember(learner, "feature_types") ? textsOf(memberOf(learner, "feature_types")) : [],
    categories: hasMember(model, "cats") ? categoriesOf(memberOf(model, "cats"), width) : null,
    trees: trees.map((tree) => xgboostTree(tree, { width, outputs })),
    targets: integersOf(memberOf(model, "tree_info"), trees.length),
    weights: weights === undefined ? null : numbersOf(weights, trees.length).map(Math.fround),
    isOldDart: name === "dart",
    rounds: roundsOf(model, trees.length, outputs),
  };
}

function versionOf(at: Located): readonly [number, number, number] {
  const [major = 0, minor = 0, patch = 0] = integersOf(at);
  return [major, minor, patch];
}

/** `5E-1`, or `[5E-1,…]` with one number an output. */
function baseScore(at: Located): Float64Array {
  const text = typeof at.value === "string" ? at.value.trim() : "";
  const items: readonly JsonValue[] = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1).split(",") : [];
  const numbers = items.length > 0 ? items.map((value) => numberOf({ value, path: at.path })) : [numberOf(at)];
  return Float64Array.from(numbers, Math.fround);
}

function attributesOf(learner: Located): ReadonlyMap<string, string> {
  if (!hasMember(learner, "attributes")) return new Map();
  const at = memberOf(learner, "attributes");
  return new Map(entriesOf(at).map(([key, value]) => [key, textOf({ value, path: `${at.path}.${key}` })]));
}

function roundsOf(model: Located, trees: number, outputs: number): Int32Array {
  if (hasMember(model, "iteration_indptr")) {
    const rounds = integersOf(memberOf(model, "iteration_indptr"));
    if (rounds.every((at, index) => at >= (rounds[index - 1] ?? 0) && at <= trees) && rounds.length > 0) return rounds;
    throw jsonError(`${model.path}.iteration_indptr`, "positions of trees were expected");
  }
  const parameters = memberOf(model, "gbtree_model_param");
  const parallel = hasMember(parameters, "num_parallel_tree")
    ? countOf(memberOf(parameters, "num_parallel_tree"), maxTrees)
    : 1;
  return evenRounds(trees, outputs * Math.max(1, parallel));
}

/** From 3.1 a model keeps the categories of data frames: one encoder a column, strings as their UTF-8 bytes end to end. */
function categoriesOf(cats: Located, width: number): readonly (readonly Label[] | null)[] | null {
  const encoders = itemsOf(memberOf(cats, "enc"));
  if (encoders.length === 0) return null;
  if (encoders.length !== width) throw jsonError(`${cats.path}.enc`, `${width} columns were expected`);
  const lists = encoders.map((encoder) =>
    hasMember(encoder, "offsets") ? textLabels(encoder) : numberLabels(encoder),
  );
  return lists.every((list) => list === null) ? null : lists;
}

function textLabels(encoder: Located): readonly Label[] | null {
  const offsets = integersOf(memberOf(encoder, "offsets"));
  const bytes = Uint8Array.from(integersOf(memberOf(encoder, "values")));
  if (offsets.length === 0) return null;
  if (offsets.some((at, index) => at < (offsets[index - 1] ?? 0) || at > bytes.length)) {
    throw jsonError(`${encoder.path}.offsets`, "positions of strings were expected");
  }
  const decoder = new TextDecoder();
  return Array.from({ length: offsets.length - 1 }, (_, index): Label => {
    const value = decoder.decode(bytes.subarray(offsets[index], offsets[index + 1]));
    return { type: "string", value };
  });
}

function numberLabels(encoder: Located): readonly Label[] {
  return [...numbersOf(memberOf(encoder, "values"))].map(
    (value): Label => (Number.isSafeInteger(value) ? { type: "integer", value } : { type: "float", value }),
  );
}
