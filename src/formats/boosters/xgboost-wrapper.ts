// What the scikit-learn classes of XGBoost answer. Source: python-package/xgboost/sklearn.py.
import { trimaranError } from "../../base/errors.ts";
import type { Label } from "../../data/predictions.ts";
import type { GraphOutput } from "../../model/graph.ts";
import type { GraphBuilder } from "../../model/graph-builder.ts";
import { bothProbabilities } from "./both-probabilities.ts";
import type { XgboostScores } from "./xgboost.ts";

export type XgboostMethods = Readonly<Record<string, GraphOutput>>;

/** XGBRegressor, XGBRFRegressor, XGBRanker. */
export function regressorMethods({ answer, outputs, kind }: XgboostScores): XgboostMethods {
  return { predict: { value: answer, scalar: outputs === 1 || kind === "argmax" } };
}

/** XGBClassifier, XGBRFClassifier. `labels`: what a label encoder of 1.5 and before kept; else classes are 0, 1, … */
export function classifierMethods(
  scores: XgboostScores,
  { graph, labels }: { graph: GraphBuilder; labels: readonly Label[] | null },
): XgboostMethods {
  const { answer, margin, outputs, kind } = scores;
  if (kind === "argmax" || kind === "softmax") {
    // With multi:softmax the class's number itself is the answer.
    const classes = kind === "argmax" || labels === null ? numberedClasses(outputs) : labels;
    if (classes.length !== outputs) throw classesError(outputs, classes.length);
    const probabilities = kind === "softmax" ? answer : graph.add({ kind: "softmax", inputs: [margin] });
    const scored = kind === "softmax" ? answer : margin;
    const value = graph.add({ kind: "label", inputs: [scored], rule: "argmax", labels: [classes] });
    return { predict: { value, scalar: true }, predict_proba: { value: probabilities, scalar: false } };
  }
  const steps = [{ step: "greater", values: Float64Array.of(0.5) }] as const;
  const above = graph.add({ kind: "columnwise", inputs: [answer], steps, number: "f32" });
  if (outputs > 1) {
    // One yes or no an output, as floats.
    const value = graph.add({ kind: "cast", inputs: [above], number: "f64", repeated: "cast_then_sum" });
    return { predict: { value, scalar: false }, predict_proba: { value: answer, scalar: false } };
  }
  const classes = labels ?? numberedClasses(2);
  if (classes.length !== 2) throw classesError(2, classes.length);
  const value = graph.add({ kind: "label", inputs: [above], rule: "index", labels: [classes] });
  return {
    predict: { value, scalar: true },
    predict_proba: { value: bothProbabilities(graph, answer), scalar: false },
  };
}

function numberedClasses(count: number): readonly Label[] {
  return Array.from({ length: count }, (_, value): Label => ({ type: "integer", value }));
}

function classesError(expected: number, found: number): Error {
  const problem = `${expected} classes were expected, not ${found}`;
  return trimaranError("MODEL_ATTRIBUTE", { path: "classes_", problem });
}
