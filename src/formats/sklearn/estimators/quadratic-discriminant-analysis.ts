// QuadraticDiscriminantAnalysis. Source: sklearn/discriminant_analysis.py, `_decision_function`.
import type { ColumnStep } from "../../../model/ops/columnwise.ts";
import type { ValueId } from "../../../model/value.ts";
import { readArray } from "../../numpy/ndarray.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { classList } from "../class-labels.ts";
import { denseFinite, matrixOf, toMatrix } from "../dense-matrix.ts";
import type { BuildContext, EstimatorRecord, Methods } from "../estimator.ts";
import { arrayOf, attributeError, type Instance, itemsOf, pathOf, wrote } from "../instance.ts";
import { normalizedLogs } from "../log-likelihoods.ts";
import { columnOf } from "../member-answers.ts";
import { numericInput } from "../numeric-input.ts";
import { pairwiseTotal } from "../pairwise-total.ts";
import { logOf, step } from "../probabilities.ts";

export const quadraticDiscriminantAnalysis: EstimatorRecord = {
  name: "QuadraticDiscriminantAnalysis",
  classes: ["sklearn.discriminant_analysis.QuadraticDiscriminantAnalysis"],
  fitted: ["classes_", "means_", "rotations_", "scalings_", "priors_"],
  exactness: "near",
  input: (self) => numericInput(self, { width: matrixOf(self, "means_").columns }),
  toOps(self, input, context): Methods {
    const { graph } = context;
    const labels = classList(self);
    const scores = scoresOf(self, denseFinite(self, input, context), { context, classes: labels.length });
    const proba = graph.add({ kind: "softmax", inputs: [scores] });
    const logs = wrote(self, 1, 7) ? normalizedLogs(graph, scores) : logOf(graph, proba);
    const two = labels.length === 2;
    const decision = two
      ? graph.add({
          kind: "combine",
          inputs: [columnOf(graph, scores, 1), columnOf(graph, scores, 0)],
          function: "subtract",
        })
      : scores;
    return {
      predict: {
        value: graph.add({ kind: "label", inputs: [scores], rule: "argmax", labels: [labels] }),
        scalar: true,
      },
      predict_proba: { value: proba, scalar: false },
      predict_log_proba: { value: logs, scalar: false },
      decision_function: { value: decision, scalar: two },
    };
  },
};

/** −½ (Σ ((x − mean) · R S^−½)² + Σ log S) + log prior, one column a class. */
function scoresOf(
  self: Instance,
  x: ValueId,
  { context: { graph }, classes }: { readonly context: BuildContext; readonly classes: number },
): ValueId {
  const means = matrixOf(self, "means_");
  const rotations = itemsOf(self, "rotations_");
  const scalings = itemsOf(self, "scalings_");
  const priors = toFloat64(arrayOf(self, "priors_"));
  if ([means.rows, rotations.length, scalings.length, priors.length].some((count) => count !== classes)) {
    throw attributeError(self, "rotations_", "it does not fit classes_");
  }
  const logs: number[] = [];
  const squares = rotations.map((item, at): ValueId => {
    const rotation = toMatrix(readArray(item, `${pathOf(self, "rotations_")}[${at}]`), self, "rotations_");
    const scaling = toFloat64(readArray(scalings[at], `${pathOf(self, "scalings_")}[${at}]`));
    if (scaling.length !== rotation.columns) throw attributeError(self, "scalings_", "it does not fit rotations_");
    logs.push(pairwiseTotal(scaling.map(Math.log)));
    const mean = means.values.subarray(at * means.columns, (at + 1) * means.columns);
    const steps: ColumnStep[] = [{ step: "subtract", values: mean }];
    const centered = graph.add({ kind: "columnwise", inputs: [x], steps, number: "f64" });
    const weights = new Float64Array(rotation.values.length);
    for (let row = 0; row < rotation.rows; row++) {
      for (let column = 0; column < rotation.columns; column++) {
        weights[column * rotation.rows + row] =
          (rotation.values[row * rotation.columns + column] as number) * (scaling[column] as number) ** -0.5;
      }
    }
    const intercept = new Float64Array(rotation.columns);
    const turned = graph.add({ kind: "affine", inputs: [centered], weights, intercept });
    return graph.add({ kind: "row_sum", inputs: [graph.add({ kind: "map", inputs: [turned], function: "square" })] });
  });
  const steps: ColumnStep[] = [
    { step: "add", values: Float64Array.from(logs) },
    step("multiply", -0.5),
    { step: "add", values: priors.map(Math.log) },
  ];
  const all = graph.add({ kind: "concat", inputs: squares });
  return graph.add({ kind: "columnwise", inputs: [all], steps, number: "f64" });
}
