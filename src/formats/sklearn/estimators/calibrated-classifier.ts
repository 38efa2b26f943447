// CalibratedClassifierCV: the mean of classifiers, each with calibrators of its scores. Source: sklearn/calibration.py.
import type { Label } from "../../../data/predictions.ts";
import type { ValueId } from "../../../model/value.ts";
import { isArray } from "../../numpy/ndarray.ts";
import { toLabels } from "../../numpy/to-labels.ts";
import type { PyValue } from "../../pickle/tree.ts";
import { classList, labelIndex } from "../class-labels.ts";
import type { BuildContext, EstimatorRecord, Opener } from "../estimator.ts";
import {
  arrayOf,
  attribute,
  attributeError,
  firstOf,
  type Instance,
  instanceOf,
  itemsOf,
  numberOf,
  pathOf,
  wrote,
} from "../instance.ts";
import { isotonicLines } from "../isotonic-lines.ts";
import { finiteInput } from "../linear-scores.ts";
import { answerOf, attributeInput, columnOf, labelsOf, openMember, sumOf, unsupported } from "../member-answers.ts";
import { bothClasses, step } from "../probabilities.ts";

export const calibratedClassifierCV: EstimatorRecord = {
  name: "CalibratedClassifierCV",
  classes: ["sklearn.calibration.CalibratedClassifierCV"],
  fitted: ["calibrated_classifiers_", "classes_"],
  exactness: "near",
  takesTables: true,
  input(self, opener: Opener) {
    const [first] = calibratedParts(self);
    if (first === undefined) throw attributeError(self, "calibrated_classifiers_", "it is empty");
    return attributeInput(first, estimatorName(first), opener);
  },
  toOps(self, input, context) {
    const { graph } = context;
    const labels = classList(self);
    const folds = calibratedParts(self);
    for (const fold of folds) assertClasses(self, fold, labels);
    const parts = folds.map((part) => calibrated(part, input, { context, labels }));
    if (parts.length === 0) throw attributeError(self, "calibrated_classifiers_", "it is empty");
    const value = graph.add({ kind: "divide", inputs: [sumOf(graph, parts)], divisor: parts.length });
    return {
      predict: { value: graph.add({ kind: "label", inputs: [value], rule: "argmax", labels: [labels] }), scalar: true },
      predict_proba: { value, scalar: false },
    };
  },
};

/** A fold keeps all classes from 0.24 on; before, its labels might be None. */
function assertClasses(self: Instance, fold: Instance, labels: readonly Label[]): void {
  if (!isArray(attribute(fold, "classes"))) return;
  const own = toLabels(arrayOf(fold, "classes"));
  const fits = own.length === labels.length && labels.every((label) => labelIndex(own, label) >= 0);
  if (!fits) throw attributeError(self, "classes_", `it does not fit ${pathOf(fold, "classes")}`);
}

/** The `_CalibratedClassifier` objects, one a fold. */
function calibratedParts(self: Instance): readonly Instance[] {
  return itemsOf(self, "calibrated_classifiers_").map((item, at) => {
    const part = instanceOf(item, `${pathOf(self, "calibrated_classifiers_")}[${at}]`, self);
    if (part?.className !== "sklearn.calibration._CalibratedClassifier") {
      throw attributeError(self, "calibrated_classifiers_", `item ${at} is no calibrated classifier`);
    }
    return part;
  });
}

/** `base_estimator` until 1.1. */
function estimatorName(part: Instance): string {
  return firstOf(part, ["estimator", "base_estimator"]);
}

interface Calibration {
  readonly context: BuildContext;
  readonly labels: readonly Label[];
}

/** The probabilities of one fold, one column a class. */
function calibrated(part: Instance, input: ValueId, { context, labels }: Calibration): ValueId {
  const { graph } = context;
  const name = estimatorName(part);
  const member = openMember(attribute(part, name), pathOf(part, name), { owner: part, input, context });
  const decision = member.methods.decision_function !== undefined;
  const scores = answerOf(member, decision ? "decision_function" : "predict_proba");
  // Until 0.23 they were called `calibrators_`.
  const calibrators = calibratorsOf(part, firstOf(part, ["calibrators", "calibrators_"]));
  const [only] = calibrators;
  if (only?.className === "sklearn.calibration._TemperatureScaling") {
    return settled(part, temperature(only, scores, { context, decision }), context);
  }
  if (labels.length === 2) {
    const positive = decision ? scores : columnOf(graph, scores, 1);
    if (only === undefined) throw attributeError(part, "calibrators", "it is empty");
    return settled(part, bothClasses(graph, calibrate(only, positive, context)), context);
  }
  const own = labelsOf(graph, answerOf(member, "predict")) ?? [];
  if (calibrators.length > own.length || own.some((label) => labelIndex(labels, label) < 0)) {
    throw attributeError(part, "calibrators", "it does not fit the classes");
  }
  // A class that this fold never saw has the probability 0.
  const columns = labels.map((label): ValueId => {
    const at = labelIndex(own, label);
    const calibrator = calibrators[at];
    if (at < 0 || calibrator === undefined) {
      return graph.add({ kind: "constant", inputs: [scores], numbers: Float64Array.of(0), number: "f64" });
    }
    return calibrate(calibrator, columnOf(graph, scores, at), context);
  });
  const all = graph.add({ kind: "concat", inputs: columns });
  return settled(part, graph.add({ kind: "normalize_sum", inputs: [all], zero: "uniform" }), context);
}

function calibratorsOf(part: Instance, name: string): readonly Instance[] {
  return itemsOf(part, name).map((item: PyValue, at) => {
    const calibrator = instanceOf(item, `${pathOf(part, name)}[${at}]`, part);
    if (calibrator === undefined) throw attributeError(part, name, `item ${at} is no calibrator`);
    return calibrator;
  });
}

function calibrate(self: Instance, score: ValueId, context: BuildContext): ValueId {
  const { graph } = context;
  switch (self.className) {
    case "sklearn.calibration._SigmoidCalibration": {
      const steps = [step("multiply", numberOf(self, "a_")), step("add", numberOf(self, "b_")), step("multiply", -1)];
      const inner = graph.add({ kind: "columnwise", inputs: [score], steps, number: "f64" });
      return graph.add({ kind: "map", inputs: [inner], function: "expit" });
    }
    case "sklearn.isotonic.IsotonicRegression":
      // Until 0.20 nothing looked at the scores.
      return isotonicLines(graph, self, wrote(self, 0, 21) ? finiteInput(self, score, context) : score);
    default:
      throw unsupported(self.path, `the calibrator ${self.className}`);
  }
}

const epsilon = 2 ** -52;

/** softmax of the logits times β; probabilities have their logarithms as logits, a single score d stands for [−d, d]. */
function temperature(
  self: Instance,
  scores: ValueId,
  { context: { graph }, decision }: { readonly context: BuildContext; readonly decision: boolean },
): ValueId {
  const beta = [step("multiply", numberOf(self, "beta_"))];
  const type = graph.typeOf(scores);
  let logits = scores;
  if (!decision) {
    const shifted = graph.add({ kind: "columnwise", inputs: [scores], steps: [step("add", epsilon)], number: "f64" });
    logits = graph.add({ kind: "map", inputs: [shifted], function: "log" });
  } else if (type.kind === "dense" && type.width === 1) {
    const negative = graph.add({ kind: "map", inputs: [scores], function: "negative" });
    logits = graph.add({ kind: "concat", inputs: [negative, scores] });
  }
  const scaled = graph.add({ kind: "columnwise", inputs: [logits], steps: beta, number: "f64" });
  return graph.add({ kind: "softmax", inputs: [scaled] });
}

/** What rounding lifted over 1 is 1. Until 0.24 NaN became the same share for every class. */
function settled(part: Instance, value: ValueId, { graph }: BuildContext): ValueId {
  const low = graph.add({ kind: "columnwise", inputs: [value], steps: [step("minimum", 1)], number: "f64" });
  const type = graph.typeOf(value);
  if (wrote(part, 1, 0) || type.kind !== "dense") return low;
  const share = { type: "float" as const, value: 1 / type.width };
  return graph.add({ kind: "fill_missing", inputs: [low], missing: null, fills: new Array(type.width).fill(share) });
}
