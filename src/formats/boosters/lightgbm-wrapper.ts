// What the scikit-learn classes of LightGBM answer. Source: python-package/lightgbm/sklearn.py.
import { trimaranError } from "../../base/errors.ts";
import type { Label } from "../../data/predictions.ts";
import type { GraphOutput } from "../../model/graph.ts";
import type { GraphBuilder } from "../../model/graph-builder.ts";
import { bothProbabilities } from "./both-probabilities.ts";
import type { LightgbmScores } from "./lightgbm.ts";

export interface LightgbmClassifier {
  readonly graph: GraphBuilder;
  readonly labels: readonly Label[];
  readonly path: string;
  /** From 4.7 on there is a decision_function: the raw scores. */
  readonly decides: boolean;
}

/** LGBMClassifier: the label of the largest probability, the first of equals. */
export function lightgbmClassifierMethods(
  { raw, answer, outputs }: LightgbmScores,
  { graph, labels, path, decides }: LightgbmClassifier,
): Readonly<Record<string, GraphOutput>> {
  const probabilities = outputs === 1 ? bothProbabilities(graph, answer) : answer;
  if (labels.length !== Math.max(2, outputs)) {
    const problem = `${Math.max(2, outputs)} classes were expected, not ${labels.length}`;
    throw trimaranError("MODEL_ATTRIBUTE", { path, problem });
  }
  const value = graph.add({ kind: "label", inputs: [probabilities], rule: "argmax", labels: [labels] });
  return {
    predict: { value, scalar: true },
    predict_proba: { value: probabilities, scalar: false },
    ...(decides ? { decision_function: { value: raw, scalar: outputs === 1 } } : {}),
  };
}

/** LGBMRegressor, LGBMRanker. */
export function lightgbmRegressorMethods({ answer, outputs }: LightgbmScores): Readonly<Record<string, GraphOutput>> {
  return { predict: { value: answer, scalar: outputs === 1 } };
}
