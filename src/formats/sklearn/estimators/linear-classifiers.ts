// Classifiers over linear scores: the label of the largest, or of the sign of a single one.
// Source: LinearClassifierMixin in sklearn/linear_model/_base.py; `predict_proba` of each class.
import { trimaranError } from "../../../base/errors.ts";
import type { Label } from "../../../data/predictions.ts";
import type { GraphBuilder } from "../../../model/graph-builder.ts";
import type { ValueId } from "../../../model/value.ts";
import { toLabels } from "../../numpy/to-labels.ts";
import type { BuildContext, EstimatorRecord, Methods } from "../estimator.ts";
import { arrayOf, attribute, attributeError, type Instance, instanceOf, pathOf, stringOf, wrote } from "../instance.ts";
import { coefficients, linearScores } from "../linear-scores.ts";
import { numericInput } from "../numeric-input.ts";
import { bothClasses, floatType, logOf, oneVsRest, softmaxOf, step } from "../probabilities.ts";

/** The probabilities of the scores, or undefined where the class has no `predict_proba`. */
type ProbabilityRule = (self: Instance, scores: ValueId, graph: GraphBuilder) => ValueId | undefined;

interface ClassifierFamily {
  readonly name: string;
  readonly modules: readonly string[];
  readonly probabilities: ProbabilityRule;
}

const families: readonly ClassifierFamily[] = [
  { name: "LogisticRegression", modules: ["_logistic", "logistic"], probabilities: logistic },
  { name: "LogisticRegressionCV", modules: ["_logistic", "logistic"], probabilities: logistic },
  {
    name: "SGDClassifier",
    modules: ["_stochastic_gradient", "stochastic_gradient"],
    probabilities: stochasticGradient,
  },
  { name: "Perceptron", modules: ["_perceptron", "perceptron"], probabilities: () => undefined },
  {
    name: "PassiveAggressiveClassifier",
    modules: ["_passive_aggressive", "passive_aggressive"],
    probabilities: () => undefined,
  },
  { name: "RidgeClassifier", modules: ["_ridge", "ridge"], probabilities: () => undefined },
  { name: "RidgeClassifierCV", modules: ["_ridge", "ridge"], probabilities: () => undefined },
];

export const linearClassifiers: readonly EstimatorRecord[] = [
  ...families.map(({ name, modules, probabilities }) =>
    classifier(name, { classes: modules.map((module) => `sklearn.linear_model.${module}.${name}`), probabilities }),
  ),
  classifier("LinearSVC", {
    classes: ["sklearn.svm._classes.LinearSVC", "sklearn.svm.classes.LinearSVC"],
    probabilities: () => undefined,
  }),
];

function classifier(
  name: string,
  { classes, probabilities }: { classes: readonly string[]; probabilities: ProbabilityRule },
): EstimatorRecord {
  return {
    name,
    classes,
    fitted: ["coef_", "intercept_"],
    exactness: "near",
    input: (self) => numericInput(self, { width: coefficients(self).width }),
    toOps(self, input, context) {
      const { value, outputs } = linearScores(self, input, { context });
      if (answersIndicators(self)) return indicatorMethods(value, outputs, context);
      return scoreMethods(
        { scores: value, outputs, labels: classLabels(self, outputs) },
        context,
        probabilities(self, value, context.graph),
      );
    },
  };
}

export interface ClassScores {
  readonly scores: ValueId;
  readonly outputs: number;
  readonly labels: readonly Label[];
}

/** `predict`, `decision_function` and, where there are probabilities, `predict_proba` and `predict_log_proba`. */
export function scoreMethods(
  { scores, outputs, labels }: ClassScores,
  { graph }: BuildContext,
  probabilities: ValueId | undefined,
): Methods {
  const rule = outputs === 1 ? "positive" : "argmax";
  const methods: Methods = {
    predict: { value: graph.add({ kind: "label", inputs: [scores], rule, labels: [labels] }), scalar: true },
    decision_function: { value: scores, scalar: outputs === 1 },
  };
  if (probabilities === undefined) return methods;
  return {
    ...methods,
    predict_proba: { value: probabilities, scalar: false },
    predict_log_proba: { value: logOf(graph, probabilities), scalar: false },
  };
}

/** `classes_`; RidgeClassifier keeps them in its label binarizer. */
function classLabels(self: Instance, outputs: number): readonly Label[] {
  const owner = attribute(self, "classes_") === undefined ? labelBinarizer(self) : self;
  if (owner === undefined) throw attributeError(self, "classes_", "it is missing");
  return scoredLabels(owner, outputs);
}

/** `classes_`: two for a single score, else one a score. @throws MODEL_ATTRIBUTE */
export function scoredLabels(owner: Instance, outputs: number): readonly Label[] {
  const labels = toLabels(arrayOf(owner, "classes_"));
  if (labels.length === (outputs === 1 ? 2 : outputs)) return labels;
  throw attributeError(owner, "classes_", `${labels.length} classes do not fit ${outputs} rows of coef_`);
}

function labelBinarizer(self: Instance): Instance | undefined {
  return instanceOf(attribute(self, "_label_binarizer"), pathOf(self, "_label_binarizer"), self);
}

/** RidgeClassifier from 1.0, fitted on a column of zeros and ones a label. */
function answersIndicators(self: Instance): boolean {
  const binarizer = labelBinarizer(self);
  return binarizer !== undefined && wrote(self, 1, 0) && stringOf(binarizer, "y_type_", "").startsWith("multilabel");
}

/** 1 where a score is positive, for every label. */
function indicatorMethods(scores: ValueId, outputs: number, { graph }: BuildContext): Methods {
  const sign = graph.add({ kind: "map", inputs: [scores], function: "sign" });
  const place = graph.add({ kind: "columnwise", inputs: [sign], steps: [step("maximum", 0)], number: "f64" });
  const labels = Array.from({ length: outputs }, () => zeroOrOne);
  return {
    predict: { value: graph.add({ kind: "label", inputs: [place], rule: "index", labels }), scalar: false },
    decision_function: { value: scores, scalar: false },
  };
}

const zeroOrOne: readonly Label[] = [
  { type: "integer", value: 0 },
  { type: "integer", value: 1 },
];

/**
 * LogisticRegression. Until 1.7 `multi_class` and the solver decide between one-vs-rest and softmax; from 1.8 two
 * classes are expit and more are softmax.
 */
function logistic(self: Instance, scores: ValueId, graph: GraphBuilder): ValueId {
  const binary = arrayOf(self, "classes_").size <= 2;
  const multiClass = wrote(self, 1, 8) ? "auto" : stringOf(self, "multi_class", "auto");
  if (!["auto", "ovr", "multinomial", "warn", "deprecated"].includes(multiClass)) {
    throw attributeError(self, "multi_class", "it is unknown");
  }
  const solver = stringOf(self, "solver", "lbfgs");
  const splits = wrote(self, 1, 8)
    ? false
    : solver === "liblinear" || (solver === "newton-cholesky" && wrote(self, 1, 2) && !wrote(self, 1, 6));
  const isOneVsRest =
    ["ovr", "warn"].includes(multiClass) || (["auto", "deprecated"].includes(multiClass) && (binary || splits));
  return isOneVsRest ? oneVsRest(graph, scores, { zero: zeroRule(self) }) : softmaxOf(graph, scores);
}

/** Losses of SGDClassifier without probabilities. */
const marginLosses: readonly string[] = [
  ...["hinge", "squared_hinge", "perceptron", "squared_error", "squared_loss"],
  ...["huber", "epsilon_insensitive", "squared_epsilon_insensitive"],
];

/** SGDClassifier: expit for the log loss; modified Huber maps a score to (clip(s, −1, 1) + 1) / 2. */
function stochasticGradient(self: Instance, scores: ValueId, graph: GraphBuilder): ValueId | undefined {
  const loss = stringOf(self, "loss");
  if (loss === "log" || loss === "log_loss") return oneVsRest(graph, scores, { zero: zeroRule(self) });
  if (loss !== "modified_huber") {
    if (marginLosses.includes(loss)) return undefined;
    throw trimaranError("MODEL_UNSUPPORTED", { path: pathOf(self, "loss"), what: `the loss ${loss}`, nearest: "" });
  }
  const steps = [step("maximum", -1), step("minimum", 1), step("add", 1), step("divide", 2)];
  const each = graph.add({ kind: "columnwise", inputs: [scores], steps, number: floatType(graph, scores) });
  const type = graph.typeOf(each);
  if (type.kind === "dense" && type.width === 1) return bothClasses(graph, each);
  return graph.add({ kind: "normalize_sum", inputs: [each], zero: "uniform" });
}

/** Newer releases answer uniformly where every class's probability is zero; older ones divide by zero. */
function zeroRule(self: Instance): "nan" | "uniform" {
  return wrote(self, 1, 9) ? "uniform" : "nan";
}
