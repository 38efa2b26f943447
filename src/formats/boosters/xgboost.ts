// A model of XGBoost as ops: float32 rows, float32 sums from the base score on, tree after tree, then the objective's answer.
// Source: xgboost/src/predictor/cpu_predictor.cc, src/gbm/gbtree.cc, python-package/xgboost/sklearn.py.

import { trimaranError } from "../../base/errors.ts";
import type { InputColumn, ModelInput } from "../../data/model-input.ts";
import type { Label } from "../../data/predictions.ts";
import type { GraphOutput } from "../../model/graph.ts";
import type { GraphBuilder } from "../../model/graph-builder.ts";
import type { ValueId } from "../../model/value.ts";
import { baseMargin, type XgboostAnswer, xgboostObjective } from "./xgboost-objective.ts";
import { isSince, type XgboostParts } from "./xgboost-parts.ts";
import { xgboostRows } from "./xgboost-rows.ts";
import { xgboostForest } from "./xgboost-trees.ts";

export interface XgboostOptions {
  /** The file's name, for errors. */
  readonly name: string;
  /** A number that stands for a missing cell beside NaN. @default NaN */
  readonly missing?: number;
  /** Only the first so many trees. @default all */
  readonly trees?: number;
  /** As the scikit-learn classes predict from 1.4 on; a DMatrix, which others make, refuses infinite cells. */
  readonly inPlace: boolean;
}

export interface XgboostScores {
  readonly margin: ValueId;
  /** What the objective makes of it. */
  readonly answer: ValueId;
  readonly outputs: number;
  readonly kind: XgboostAnswer;
}

/** By name where the model knows its columns, else by position. */
export function xgboostInput({ width, featureNames, categories }: XgboostParts): ModelInput {
  const named = featureNames.length === width && new Set(featureNames).size === width && width > 0;
  const columns = Array.from({ length: width }, (_, index): InputColumn => {
    const type = categories?.[index]?.every((label) => label.type === "string") ? "string" : "number";
    return { name: named ? (featureNames[index] ?? "") : String(index), type, nullable: true };
  });
  return { kind: columns.some(({ type }) => type === "string") ? "table" : "matrix", named, columns };
}

/** @throws MODEL_TREE, MODEL_UNSUPPORTED, MODEL_ATTRIBUTE, FORMAT_LIMIT */
export function xgboostScores(
  parts: XgboostParts,
  { graph, input, options }: { graph: GraphBuilder; input: ValueId; options: XgboostOptions },
): XgboostScores {
  const { outputs, baseScore } = parts;
  const objective = xgboostObjective(parts.objective);
  if (baseScore.length !== 1 && baseScore.length !== outputs) {
    throw trimaranError("MODEL_ATTRIBUTE", { path: "base_score", problem: `${outputs} numbers were expected` });
  }
  const least = parts.trees[0]?.vectors ? 1 : outputs;
  if (outputs > 1 && parts.trees.length < least) {
    const problem = `${parts.trees.length} trees do not make ${outputs} outputs`;
    throw trimaranError("MODEL_ATTRIBUTE", { path: "num_class", problem });
  }
  if (parts.categories === null && parts.featureTypes.length > 0 && parts.featureTypes.length !== parts.width) {
    throw trimaranError("MODEL_ATTRIBUTE", { path: "feature_types", problem: `${parts.width} were expected` });
  }
  const base = Float64Array.from({ length: outputs }, (_, output) => {
    const score = baseScore[baseScore.length === 1 ? 0 : output] as number;
    return isSince(parts, 1, 0) ? baseMargin(score, objective) : score;
  });
  const trees = options.trees ?? parts.trees.length;
  const subtracts = parts.isOldDart && options.inPlace;
  const rows = xgboostRows(parts, { graph, input, options });
  // The trees were summed first, until 1.2, by dart until 1.3.
  const sumsFirst = !isSince(parts, 1, parts.weights === null ? 3 : 4);
  const sum = graph.add({
    kind: "forest",
    inputs: [rows],
    ...xgboostForest(parts, { trees, dartBase: subtracts ? base : null, name: options.name }),
    base: sumsFirst ? new Float64Array(outputs) : base,
    // What a sparse row does not hold is missing, not 0.
    absent: graph.typeOf(rows).kind === "sparse" ? "missing" : "zero",
  });
  const steps = [{ step: "add", values: base }] as const;
  const margin = sumsFirst ? graph.add({ kind: "columnwise", inputs: [sum], steps, number: "f32" }) : sum;
  return { margin, answer: answerOf(graph, margin, objective.answer), outputs, kind: objective.answer };
}

function answerOf(graph: GraphBuilder, margin: ValueId, answer: XgboostAnswer): ValueId {
  switch (answer) {
    case "identity":
      return margin;
    case "logistic": {
      // Step by step, each rounded to float32; the library keeps the exponential finite.
      const turned = [
        { step: "multiply", values: Float64Array.of(-1) },
        { step: "minimum", values: Float64Array.of(Math.fround(88.7)) },
      ] as const;
      const exponent = graph.add({ kind: "columnwise", inputs: [margin], steps: turned, number: "f32" });
      const power = graph.add({ kind: "map", inputs: [exponent], function: "exp" });
      const plusOne = [{ step: "add", values: Float64Array.of(1) }] as const;
      const sum = graph.add({ kind: "columnwise", inputs: [power], steps: plusOne, number: "f32" });
      return graph.add({ kind: "map", inputs: [sum], function: "reciprocal" });
    }
    case "exp":
      return graph.add({ kind: "map", inputs: [margin], function: "exp" });
    case "hinge": {
      const steps = [{ step: "greater", values: Float64Array.of(0) }] as const;
      return graph.add({ kind: "columnwise", inputs: [margin], steps, number: "f32" });
    }
    case "softmax":
      return graph.add({ kind: "softmax", inputs: [margin] });
    case "argmax": {
      const type = graph.typeOf(margin);
      const count = type.kind === "dense" ? type.width : 1;
      const classes = Array.from({ length: count }, (_, value): Label => ({ type: "integer", value }));
      const label = graph.add({ kind: "label", inputs: [margin], rule: "argmax", labels: [classes] });
      const table = Float64Array.from({ length: count }, (_, index) => index);
      const number = graph.add({ kind: "lookup", inputs: [label], width: 1, table });
      return graph.add({ kind: "cast", inputs: [number], number: "f32", repeated: "cast_then_sum" });
    }
  }
}

/** What a native Booster answers: `predict`, and the margin as `decision_function`. */
export function boosterMethods({
  margin,
  answer,
  outputs,
  kind,
}: XgboostScores): Readonly<Record<string, GraphOutput>> {
  return {
    predict: { value: answer, scalar: outputs === 1 || kind === "argmax" },
    decision_function: { value: margin, scalar: outputs === 1 },
  };
}

/** What a pickled Booster may know better than its attributes. */
export interface BestRound {
  readonly iteration?: number;
  readonly treeLimit?: number;
}

/** The trees that the scikit-learn classes use: up to the best round, where training stopped early. */
export function bestTrees(parts: XgboostParts, best: BestRound = {}): number {
  const { attributes, rounds, trees, outputs } = parts;
  const noted = (key: string): number | undefined => {
    const text = attributes.get(key);
    return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  };
  // Until 1.3 files did not say how many trees a round has.
  const limit = best.treeLimit ?? noted("best_ntree_limit");
  if (!isSince(parts, 1, 4) && limit !== undefined) return limit === 0 ? trees.length : limit * outputs;
  const iteration = best.iteration ?? noted("best_iteration");
  return iteration === undefined ? trees.length : (rounds[iteration + 1] ?? trees.length);
}

/** Whether the scikit-learn classes predict without a DMatrix. */
export function predictsInPlace(parts: XgboostParts): boolean {
  return isSince(parts, 1, 4);
}
