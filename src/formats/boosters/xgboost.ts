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
  /** Only the first so many rounds. @default all */
  readonly rounds?: number;
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
  const base = Float64Array.from({ length: outputs }, (_, output) =>
    baseMargin(baseScore[baseScore.length === 1 ? 0 : output] as number, objective, parts.version[0] === 0),
  );
  const trees = treeCount(parts, options.rounds);
  const rows = xgboostRows(parts, { graph, input, options });
  // Until 1.2 the trees were summed first; dart took them one by one even then.
  const sumsFirst = !isSince(parts, 1, 3) && parts.weights === null;
  const sum = graph.add({
    kind: "forest",
    inputs: [rows],
    ...xgboostForest(parts, { trees, dartBase: parts.isOldDart && options.inPlace ? base : null, name: options.name }),
    base: sumsFirst ? new Float64Array(outputs) : base,
    // What a sparse row does not hold is missing, not 0.
    absent: graph.typeOf(rows).kind === "sparse" ? "missing" : "zero",
  });
  const steps = [{ step: "add", values: base }] as const;
  const margin = sumsFirst ? graph.add({ kind: "columnwise", inputs: [sum], steps, number: "f32" }) : sum;
  return { margin, answer: answerOf(graph, margin, objective.answer), outputs, kind: objective.answer };
}

function treeCount({ trees, rounds }: XgboostParts, limit: number | undefined): number {
  if (limit === undefined || limit >= rounds.length - 1) return trees.length;
  return rounds[Math.max(0, limit)] ?? trees.length;
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

/** The rounds up to the best one, where training stopped early. */
export function bestRounds({ attributes }: XgboostParts): number | undefined {
  const best = attributes.get("best_iteration");
  return best !== undefined && /^\d{1,9}$/.test(best) ? Number(best) + 1 : undefined;
}

/** Whether the scikit-learn classes predict without a DMatrix. */
export function predictsInPlace(parts: XgboostParts): boolean {
  return isSince(parts, 1, 4);
}
