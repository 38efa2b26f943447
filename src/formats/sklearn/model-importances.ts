// How much each column weighs in a fitted model: coefficients, or what the splits of its trees gained.
// Source: sklearn/feature_selection/_base.py, _from_model.py; compute_feature_importances in sklearn/tree/_tree.pyx.
import { trimaranError } from "../../base/errors.ts";
import { isArray, readArray } from "../numpy/ndarray.ts";
import { isSparse } from "../numpy/sparse.ts";
import { structuredFloat64 } from "../numpy/structured.ts";
import { dictGet, isNode } from "../pickle/tree.ts";
import type { OpenedEstimator, Opener } from "./estimator.ts";
import { attribute, attributeError, has, type Instance, numberOf, pathOf, scalarOf, wrote } from "./instance.ts";
import { coefficients } from "./linear-scores.ts";
import { type MemberTree, memberTree, memberTrees } from "./member-trees.ts";
import { featureCount } from "./numeric-input.ts";
import { readTree } from "./tree.ts";
import { shortName, treeTakesNaN } from "./tree-rules.ts";

const forestNames: readonly string[] = ["RandomForest", "ExtraTrees"];

/** Absolute coefficients (of several outputs their norm), or the mean gain of the splits. */
export function importances(
  model: OpenedEstimator,
  { order, opener }: { order: number; opener: Opener },
): Float64Array {
  const { instance } = model;
  const coef = attribute(instance, "coef_");
  if (isArray(coef) || isSparse(coef)) return coefficientNorms(instance, order);
  const name = shortName(instance);
  if (name.startsWith("DecisionTree") || isSingleExtraTree(name)) {
    const tree = readTree(attribute(instance, "tree_"), pathOf(instance, "tree_"));
    return shares(gains({ instance, tree, path: instance.path }));
  }
  if (forestNames.some((prefix) => name.startsWith(prefix))) {
    const members = memberTrees(instance, opener).filter(({ tree }) => tree.nodeCount > 1);
    return shares(
      mean(
        members.map((member) => shares(gains(member))),
        instance,
      ),
    );
  }
  if (name.startsWith("GradientBoosting")) {
    const members = stageTrees(instance, opener).filter(({ tree }) => tree.nodeCount > 1);
    return shares(mean(members.map(gains), instance));
  }
  const what = `the weights of ${name}`;
  throw trimaranError("MODEL_UNSUPPORTED", { path: instance.path, what, nearest: "" });
}

function stageTrees(self: Instance, opener: Opener): readonly MemberTree[] {
  const array = readArray(attribute(self, "estimators_"), pathOf(self, "estimators_"));
  return (array.objects ?? []).map((item, index) =>
    memberTree(item, `${pathOf(self, "estimators_")}[${index}]`, { self, opener }),
  );
}

function coefficientNorms(self: Instance, order: number): Float64Array {
  const { weights, outputs, width, flat } = coefficients(self);
  if (flat) return weights.map(Math.abs);
  return Float64Array.from({ length: width }, (_, column) => {
    const own = Array.from({ length: outputs }, (_, output) => Math.abs(weights[output * width + column] as number));
    if (order === Number.POSITIVE_INFINITY) return Math.max(...own);
    if (order === Number.NEGATIVE_INFINITY) return Math.min(...own);
    if (order === 1) return own.reduce((sum, each) => sum + each, 0);
    if (order === 2) return Math.sqrt(own.reduce((sum, each) => sum + each * each, 0));
    return own.reduce((sum, each) => sum + each ** order, 0) ** (1 / order);
  });
}

/** By column: the impurity that its splits took away, weighted by their samples, over those of the root. */
function gains({ instance, tree, path }: MemberTree): Float64Array {
  const impurity = impurities(instance, path);
  const total = new Float64Array(tree.features);
  const weighted = (node: number): number => (tree.cover[node] as number) * (impurity[node] as number);
  for (let node = 0; node < tree.nodeCount; node++) {
    const left = tree.left[node] as number;
    if (left === -1) continue;
    const feature = tree.feature[node] as number;
    total[feature] =
      (total[feature] as number) + weighted(node) - weighted(left) - weighted(tree.right[node] as number);
  }
  return total.map((gain) => gain / (tree.cover[0] as number));
}

function impurities(instance: Instance, path: string): Float64Array {
  const value = attribute(instance, "tree_");
  const state = isNode(value) && value.kind === "object" ? value.states.at(-1) : undefined;
  if (!isNode(state) || state.kind !== "dict") throw attributeError(instance, "tree_", "it has no state");
  return structuredFloat64(readArray(dictGet(state, "nodes"), `${path}.tree_.nodes`), "impurity", path);
}

function shares(values: Float64Array): Float64Array {
  const sum = values.reduce((all, each) => all + each, 0);
  return sum > 0 ? values.map((value) => value / sum) : values;
}

/** Of trees that never split nothing weighs anything. */
function mean(rows: readonly Float64Array[], self: Instance): Float64Array {
  const [first] = rows;
  if (first === undefined) return new Float64Array(featureCount(self));
  return first.map((_, column) => rows.reduce((sum, row) => sum + (row[column] as number), 0) / rows.length);
}

/** `threshold`: a number, `mean`, `median`, a multiple of one (`1.25*mean`), or what suits the model. */
export function importanceThreshold(self: Instance, model: Instance, weights: Float64Array): number {
  const scalar = scalarOf(attribute(self, "threshold"));
  if (typeof scalar === "number") return scalar;
  const text = typeof scalar === "string" ? scalar : isSparseModel(model) ? "1e-5" : "mean";
  const parts = text.split("*").map((part) => part.trim());
  const [scale, reference] = parts.length === 2 ? parts : ["1", parts[0]];
  const factor = Number(scale);
  if (reference === "mean") return factor * (weights.reduce((sum, each) => sum + each, 0) / weights.length);
  if (reference === "median") return factor * median(weights);
  if (parts.length === 1 && text === "1e-5") return 1e-5;
  throw attributeError(self, "threshold", "a number, mean or median was expected");
}

/** Models whose penalty sets weights to zero. */
function isSparseModel(model: Instance): boolean {
  const name = shortName(model);
  const ratio = (attributeName: string): boolean =>
    has(model, attributeName) && Math.abs(numberOf(model, attributeName) - 1) <= 1e-5 + 1e-8;
  if (name.includes("Lasso")) return true;
  if (attribute(model, "penalty") === "l1") return true;
  if (name === "ElasticNet" || name === "LogisticRegression") return ratio("l1_ratio");
  return name === "ElasticNetCV" && ratio("l1_ratio_");
}

function median(values: Float64Array): number {
  const sorted = values.toSorted();
  const middle = sorted.length >> 1;
  const high = sorted[middle] as number;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] as number) + high) / 2;
}

/** Whether a model says of itself that it takes NaN, so that a selection before it looks at nothing. */
export function takesNaN(model: Instance): boolean {
  const name = shortName(model);
  if (name.startsWith("HistGradientBoosting")) return true;
  if (name.startsWith("DecisionTree") || isSingleExtraTree(name)) return treeTakesNaN(model);
  // Until 1.8 forests take NaN with some criteria only, as their trees do.
  if (!forestNames.some((prefix) => name.startsWith(prefix)) || !wrote(model, 1, name.startsWith("Extra") ? 6 : 4)) {
    return false;
  }
  return wrote(model, 1, 9) || !has(model, "monotonic_cst");
}

function isSingleExtraTree(name: string): boolean {
  return name === "ExtraTreeClassifier" || name === "ExtraTreeRegressor";
}
