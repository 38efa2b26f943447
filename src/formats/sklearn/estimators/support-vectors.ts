// Support vector machines of libsvm. Source: svm_predict_values and svm_predict_probability in libsvm; sklearn/svm/_base.py.
import { trimaranError } from "../../../base/errors.ts";
import type { KernelFunction } from "../../../model/ops/kernel.ts";
import type { ValueId } from "../../../model/value.ts";
import { toFloat64, toInt32 } from "../../numpy/to-numbers.ts";
import { classList } from "../class-labels.ts";
import { denseFinite, matrixOf } from "../dense-matrix.ts";
import type { BuildContext, EstimatorRecord, Methods } from "../estimator.ts";
import {
  arrayOf,
  attribute,
  attributeError,
  booleanOf,
  firstOf,
  has,
  type Instance,
  integerOf,
  numberOf,
  pathOf,
  stringOf,
  wrote,
} from "../instance.ts";
import { numericInput } from "../numeric-input.ts";
import { pairDecision, pairVotes } from "../pair-scores.ts";
import { logOf, step } from "../probabilities.ts";

const decisionNote =
  "over several classes, the decision of files of 0.20 is that of a row alone, as the library's own depends on the batch";

function record(name: string, toOps: EstimatorRecord["toOps"]): EstimatorRecord {
  return {
    name,
    classes: [`sklearn.svm._classes.${name}`, `sklearn.svm.classes.${name}`],
    fitted: ["support_vectors_"],
    exactness: "near",
    ...(toOps === classify ? { note: decisionNote } : {}),
    input: (self) => numericInput(self, { width: matrixOf(self, "support_vectors_").columns }),
    toOps,
  };
}

const classify: EstimatorRecord["toOps"] = (self, input, context): Methods => {
  const { graph } = context;
  const labels = classList(self);
  const classes = labels.length;
  const pairs = pairSums(self, kernelOf(self, input, context), { context, classes });
  // A pair's sum is positive where its first class wins; a tie goes to the second.
  const first = graph.add({ kind: "columnwise", inputs: [pairs], steps: [step("greater", 0)], number: "f64" });
  const steps = [step("multiply", -1), step("add", 1)];
  const second = graph.add({ kind: "columnwise", inputs: [first], steps, number: "f64" });
  const votes = pairVotes(graph, second, classes);
  const turned = graph.add({ kind: "map", inputs: [pairs], function: "negative" });
  const shape = stringOf(self, "decision_function_shape", "ovr");
  const compared = graph.add({ kind: "columnwise", inputs: [turned], steps: [step("greater", 0)], number: "f64" });
  const squeeze = wrote(self, 0, 21) ? "third" : "own";
  const rest =
    classes > 2 && shape === "ovr"
      ? pairDecision(graph, { second: compared, confidences: turned, squeeze }, classes)
      : null;
  const scores = classes === 2 ? turned : (rest ?? pairs);
  const breaksTies = classes > 2 && shape === "ovr" && booleanOf(self, "break_ties", false);
  const winners = breaksTies && rest !== null ? rest : votes;
  return {
    predict: { value: graph.add({ kind: "label", inputs: [winners], rule: "argmax", labels: [labels] }), scalar: true },
    decision_function: { value: scores, scalar: classes === 2 },
    ...probabilityMethods(self, pairs, { context, classes }),
  };
};

/** Platt's sigmoid of each pair's sum, kept away from 0 and 1, then coupled. Nothing when fitted without probabilities. */
function probabilityMethods(
  self: Instance,
  pairs: ValueId,
  { context: { graph }, classes }: { readonly context: BuildContext; readonly classes: number },
): Methods {
  const name = firstOf(self, ["_probA", "probA_"]);
  if (!has(self, name)) return {};
  const slopes = toFloat64(arrayOf(self, name));
  const offsets = toFloat64(arrayOf(self, firstOf(self, ["_probB", "probB_"])));
  if (slopes.length === 0 || offsets.length === 0) return {};
  const inner = graph.add({
    kind: "columnwise",
    inputs: [pairs],
    steps: [{ step: "multiply", values: slopes }, { step: "add", values: offsets }, step("multiply", -1)],
    number: "f64",
  });
  const sigmoid = graph.add({ kind: "map", inputs: [inner], function: "expit" });
  const value = graph.add({ kind: "couple_pairs", inputs: [sigmoid], classes, margin: 1e-7 });
  return {
    predict_proba: { value, scalar: false },
    predict_log_proba: { value: logOf(graph, value), scalar: false },
  };
}

/** One sum a pair of classes i < j: class i's vectors by row j − 1 of the dual coefficients, class j's by row i. */
function pairSums(
  self: Instance,
  kernel: ValueId,
  { context, classes }: { readonly context: BuildContext; readonly classes: number },
): ValueId {
  const duals = matrixOf(self, firstOf(self, ["_dual_coef_", "dual_coef_"]));
  const counts = toInt32(arrayOf(self, firstOf(self, ["_n_support", "n_support_"])));
  const constants = toFloat64(arrayOf(self, firstOf(self, ["_intercept_", "intercept_"])));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const pairs = (classes * (classes - 1)) / 2;
  if (counts.length !== classes || counts.some((count) => count < 0) || total !== duals.columns) {
    throw attributeError(self, "_n_support", "it does not fit the support vectors");
  }
  if (duals.rows !== classes - 1 || constants.length !== pairs) {
    throw attributeError(self, "_dual_coef_", `it does not fit ${classes} classes`);
  }
  const columns: number[] = [];
  const weights: number[] = [];
  const starts = [0];
  const firstOfClass = Array.from(counts, (_, at) => counts.slice(0, at).reduce((sum, count) => sum + count, 0));
  const take = (of: number, row: number): void => {
    const start = firstOfClass[of] as number;
    for (let at = start; at < start + (counts[of] as number); at++) {
      columns.push(at);
      weights.push(duals.values[row * duals.columns + at] as number);
    }
  };
  for (let i = 0; i < classes; i++) {
    for (let j = i + 1; j < classes; j++) {
      take(i, j - 1);
      take(j, i);
      starts.push(columns.length);
    }
  }
  return context.graph.add({
    kind: "weighted_sums",
    inputs: [kernel],
    starts: Int32Array.from(starts),
    columns: Int32Array.from(columns),
    weights: Float64Array.from(weights),
    constants,
  });
}

/** The only sum of a regressor or of a one-class machine. */
function singleSum(self: Instance, input: ValueId, context: BuildContext): ValueId {
  const duals = matrixOf(self, firstOf(self, ["_dual_coef_", "dual_coef_"]));
  const constants = toFloat64(arrayOf(self, firstOf(self, ["_intercept_", "intercept_"])));
  if (duals.rows !== 1 || constants.length !== 1) throw attributeError(self, "_dual_coef_", "one row was expected");
  return context.graph.add({
    kind: "weighted_sums",
    inputs: [kernelOf(self, input, context)],
    starts: Int32Array.of(0, duals.columns),
    columns: Int32Array.from({ length: duals.columns }, (_, at) => at),
    weights: duals.values,
    constants,
  });
}

const regress: EstimatorRecord["toOps"] = (self, input, context) => ({
  predict: { value: singleSum(self, input, context), scalar: true },
});

/** 1 for a row like the others, −1 for an outlier. */
const oneClass: EstimatorRecord["toOps"] = (self, input, context) => {
  const { graph } = context;
  const value = singleSum(self, input, context);
  const labels = [-1, 1].map((label) => ({ type: "integer" as const, value: label }));
  const offset = step("add", numberOf(self, "offset_"));
  const score = graph.add({ kind: "columnwise", inputs: [value], steps: [offset], number: "f64" });
  return {
    predict: { value: graph.add({ kind: "label", inputs: [value], rule: "positive", labels: [labels] }), scalar: true },
    decision_function: { value, scalar: true },
    score_samples: { value: score, scalar: true },
  };
};

function kernelOf(self: Instance, input: ValueId, context: BuildContext): ValueId {
  const { values: points, rows: count } = matrixOf(self, "support_vectors_");
  // The public array and the private one that predicts are of the same shape.
  const duals = ["dual_coef_", "_dual_coef_"].filter((name) => has(self, name)).map((name) => matrixOf(self, name));
  if (duals.some(({ rows, columns }) => columns !== count || rows !== duals[0]?.rows)) {
    throw attributeError(self, "dual_coef_", "it does not fit support_vectors_");
  }
  const inputs = [denseFinite(self, input, context)] as const;
  return context.graph.add({ kind: "kernel", inputs, points, count, function: kernelFunction(self) });
}

function kernelFunction(self: Instance): KernelFunction {
  const value = attribute(self, "kernel");
  const name = typeof value === "string" ? value : "a function";
  if (name === "linear") return { name };
  const gamma = has(self, "_gamma") ? numberOf(self, "_gamma") : numberOf(self, "gamma");
  switch (name) {
    case "rbf":
      return { name, gamma };
    case "sigmoid":
      return { name, gamma, constant: numberOf(self, "coef0") };
    case "poly":
      return { name, gamma, constant: numberOf(self, "coef0"), degree: integerOf(self, "degree") };
    default: {
      const what = `the kernel ${name}`;
      throw trimaranError("MODEL_UNSUPPORTED", { path: pathOf(self, "kernel"), what, nearest: "" });
    }
  }
}

export const supportVectors: readonly EstimatorRecord[] = [
  record("SVC", classify),
  record("NuSVC", classify),
  record("SVR", regress),
  record("NuSVR", regress),
  record("OneClassSVM", oneClass),
];
