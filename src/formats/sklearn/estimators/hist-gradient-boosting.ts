// HistGradientBoosting*: a baseline plus one leaf a tree, in float64, through the inverse of the loss's link.
// Source: sklearn/ensemble/_hist_gradient_boosting/gradient_boosting.py and _predictor.pyx.
import { trimaranError } from "../../../base/errors.ts";
import type { ValueId } from "../../../model/value.ts";
import { isArray } from "../../numpy/ndarray.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { classList } from "../class-labels.ts";
import type { BuildContext, EstimatorRecord, Methods } from "../estimator.ts";
import { histogramInput, histogramRows } from "../histogram-input.ts";
import { histogramTrees } from "../histogram-trees.ts";
import {
  arrayOf,
  attribute,
  attributeError,
  type Instance,
  integerOf,
  numberOf,
  pathOf,
  stringOf,
  wrote,
} from "../instance.ts";
import { featureCount } from "../numeric-input.ts";
import { bothClasses, logOf } from "../probabilities.ts";

const module = "sklearn.ensemble._hist_gradient_boosting.gradient_boosting";

const identityLosses: readonly string[] = [
  ...["squared_error", "least_squares", "absolute_error", "least_absolute_deviation", "quantile"],
];
const logLosses: readonly string[] = ["poisson", "gamma"];
const classLosses: readonly string[] = ["log_loss", "auto", "binary_crossentropy", "categorical_crossentropy"];

export const histGradientBoostingRegressor: EstimatorRecord = {
  name: "HistGradientBoostingRegressor",
  classes: [`${module}.HistGradientBoostingRegressor`],
  fitted: ["_predictors", "_baseline_prediction"],
  exactness: "exact",
  note: "near with the losses poisson and gamma, whose link is an exponential",
  takesTables: true,
  input: histogramInput,
  toOps(self, input, context) {
    const loss = lossOf(self, [...identityLosses, ...logLosses]);
    const raw = rawScores(self, input, { context, outputs: 1 });
    const value = logLosses.includes(loss) ? context.graph.add({ kind: "map", inputs: [raw], function: "exp" }) : raw;
    return { predict: { value, scalar: true } };
  },
};

export const histGradientBoostingClassifier: EstimatorRecord = {
  name: "HistGradientBoostingClassifier",
  classes: [`${module}.HistGradientBoostingClassifier`],
  fitted: ["_predictors", "_baseline_prediction", "classes_"],
  exactness: "exact",
  note: "scores and labels; probabilities are near",
  takesTables: true,
  input: histogramInput,
  toOps(self, input, context): Methods {
    const { graph } = context;
    lossOf(self, classLosses);
    const labels = [classList(self)];
    const outputs = integerOf(self, "n_trees_per_iteration_");
    if (labels[0]?.length !== Math.max(2, outputs)) throw attributeError(self, "classes_", "it does not fit the trees");
    const raw = rawScores(self, input, { context, outputs });
    const probabilities =
      outputs === 1
        ? bothClasses(graph, graph.add({ kind: "map", inputs: [raw], function: "expit" }))
        : graph.add({ kind: "softmax", inputs: [raw] });
    // Until 1.4 probabilities were compared, from 1.5 the scores themselves.
    const byScore = wrote(self, 1, 5);
    const value =
      byScore && outputs === 1
        ? graph.add({ kind: "label", inputs: [raw], rule: "positive", labels })
        : graph.add({ kind: "label", inputs: [byScore ? raw : probabilities], rule: "argmax", labels });
    return {
      predict: { value, scalar: true },
      predict_proba: { value: probabilities, scalar: false },
      predict_log_proba: { value: logOf(graph, probabilities), scalar: false },
      decision_function: { value: raw, scalar: outputs === 1 },
    };
  },
};

function rawScores(
  self: Instance,
  input: ValueId,
  { context, outputs }: { context: BuildContext; outputs: number },
): ValueId {
  const { graph } = context;
  return graph.add({
    kind: "forest",
    inputs: [histogramRows(self, input, graph)],
    ...histogramTrees(self, { width: featureCount(self), outputs }),
    base: baseline(self, outputs),
  });
}

/** One number a score: of shape (K, 1) until 1.0, (1, K) later, or a bare number. */
function baseline(self: Instance, outputs: number): Float64Array {
  const name = "_baseline_prediction";
  const scores = isArray(attribute(self, name))
    ? toFloat64(arrayOf(self, name))
    : Float64Array.of(numberOf(self, name));
  if (scores.length !== outputs) throw attributeError(self, name, `${outputs} numbers were expected`);
  // Scores begin as zeros, to which the baseline is added: a -0 is lost.
  return scores.map((score) => 0 + score);
}

function lossOf(self: Instance, known: readonly string[]): string {
  const loss = stringOf(self, "loss");
  if (known.includes(loss)) return loss;
  throw trimaranError("MODEL_UNSUPPORTED", { path: pathOf(self, "loss"), what: `the loss ${loss}`, nearest: "" });
}

export const histGradientBoosting: readonly EstimatorRecord[] = [
  histGradientBoostingClassifier,
  histGradientBoostingRegressor,
];
