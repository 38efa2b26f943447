// LinearDiscriminantAnalysis: a linear classifier; its transform projects on the discriminant axes.
// Source: sklearn/discriminant_analysis.py.

import type { ValueId } from "../../../model/value.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import type { BuildContext, EstimatorRecord, Methods } from "../estimator.ts";
import { arrayOf, attributeError, type Instance, integerOf, stringOf, wrote } from "../instance.ts";
import { coefficients, finiteInput, linearScores } from "../linear-scores.ts";
import { numericInput } from "../numeric-input.ts";
import { logOf, oneVsRest, softmaxOf, step } from "../probabilities.ts";
import { scoredLabels, scoreMethods } from "./linear-classifiers.ts";

/** The smallest positive normal double, which stands in for a probability of zero under the logarithm. */
const smallestNormal = 2.2250738585072014e-308;

export const linearDiscriminantAnalysis: EstimatorRecord = {
  name: "LinearDiscriminantAnalysis",
  classes: ["sklearn.discriminant_analysis.LinearDiscriminantAnalysis"],
  fitted: ["coef_", "intercept_", "classes_"],
  exactness: "near",
  input: (self) => numericInput(self, { width: coefficients(self).width }),
  toOps(self, input, context) {
    const { graph } = context;
    const { value, outputs } = linearScores(self, input, { context });
    // Until 0.20 several classes were one-vs-rest too.
    const splits = outputs === 1 || !wrote(self, 0, 21);
    const probabilities = splits ? oneVsRest(graph, value, { zero: "nan" }) : softmaxOf(graph, value);
    const scores = { scores: value, outputs, labels: scoredLabels(self, outputs) };
    const nonZero = graph.add({
      kind: "columnwise",
      inputs: [probabilities],
      steps: [step("replace_zero", smallestNormal)],
      number: "f64",
    });
    return {
      ...scoreMethods(scores, context, probabilities),
      predict_log_proba: { value: logOf(graph, wrote(self, 0, 24) ? nonZero : probabilities), scalar: false },
      ...projection(self, input, context),
    };
  },
};

/** (X − xbar_) · scalings_ for the svd solver, X · scalings_ for eigen; lsqr cannot transform. */
function projection(self: Instance, input: ValueId, context: BuildContext): Methods {
  const solver = stringOf(self, "solver", "svd");
  if (solver === "lsqr") return {};
  const { graph } = context;
  const scalings = arrayOf(self, "scalings_");
  const [width = 0, axes = 0] = scalings.shape;
  if (scalings.shape.length !== 2) throw attributeError(self, "scalings_", "2 dimensions were expected");
  const components = Math.min(axes, integerOf(self, "_max_components", axes));
  const values = toFloat64(scalings);
  const weights = new Float64Array(components * width);
  for (let axis = 0; axis < components; axis++) {
    for (let column = 0; column < width; column++) weights[axis * width + column] = values[column * axes + axis] ?? 0;
  }
  let x = finiteInput(self, input, context);
  if (solver === "svd") {
    const steps = [{ step: "subtract" as const, values: toFloat64(arrayOf(self, "xbar_")) }];
    x = graph.add({ kind: "columnwise", inputs: [x], steps, number: "f64" });
  }
  const value = graph.add({ kind: "affine", inputs: [x], weights, intercept: new Float64Array(components) });
  return { transform: { value, scalar: false } };
}
