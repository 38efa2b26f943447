// GradientBoosting*: a start, then for every stage and class the learning rate times a tree's leaf.
// Source: sklearn/ensemble/_gb.py, and predict_stages in _gradient_boosting.pyx.
import { trimaranError } from "../../../base/errors.ts";
import type { ValueId } from "../../../model/value.ts";
import { boostingStart, type StartLink } from "../boosting-start.ts";
import { classList } from "../class-labels.ts";
import type { BuildContext, EstimatorRecord, Methods } from "../estimator.ts";
import { forestArrays } from "../forest-arrays.ts";
import { arrayOf, attributeError, type Instance, numberOf, pathOf, stringOf, wrote } from "../instance.ts";
import { memberTrees } from "../member-trees.ts";
import { featureCount, numericInput } from "../numeric-input.ts";
import { bothClasses, logOf, step } from "../probabilities.ts";
import { shortName, treeInput } from "../tree-rules.ts";

const note = "a class's first scores are logarithms, near; with `init` an estimator as close as that estimator";

const regressionLosses: readonly string[] = [...["squared_error", "ls", "absolute_error", "lad", "huber", "quantile"]];

export const gradientBoostingRegressor: EstimatorRecord = {
  name: "GradientBoostingRegressor",
  classes: [
    "sklearn.ensemble._gb.GradientBoostingRegressor",
    "sklearn.ensemble.gradient_boosting.GradientBoostingRegressor",
  ],
  fitted: ["estimators_", "init_"],
  exactness: "exact",
  note,
  input: (self) => numericInput(self),
  toOps(self, input, context) {
    if (!regressionLosses.includes(stringOf(self, "loss"))) throw unknownLoss(self);
    const value = rawScores(self, input, { context, link: "identity" });
    return { predict: { value, scalar: true } };
  },
};

export const gradientBoostingClassifier: EstimatorRecord = {
  name: "GradientBoostingClassifier",
  classes: [
    "sklearn.ensemble._gb.GradientBoostingClassifier",
    "sklearn.ensemble.gradient_boosting.GradientBoostingClassifier",
  ],
  fitted: ["estimators_", "init_", "classes_"],
  exactness: "exact",
  note,
  input: (self) => numericInput(self),
  toOps(self, input, context): Methods {
    const { graph } = context;
    const labels = [classList(self)];
    const loss = stringOf(self, "loss");
    const exponential = loss === "exponential";
    if (!exponential && loss !== "log_loss" && loss !== "deviance") throw unknownLoss(self);
    const outputs = scoreCount(self);
    if (labels[0]?.length !== Math.max(2, outputs)) throw attributeError(self, "classes_", "it does not fit the trees");
    const scores = rawScores(self, input, { context, link: linkOf(self, { exponential, outputs }) });
    const probabilities = outputs === 1 ? binary(scores, exponential, context) : softmax(scores, context);
    // Until 1.3 the probabilities were compared, so that [0.5, 0.5] is the first class; but never with the exponential loss.
    const bySign = outputs === 1 && (exponential || wrote(self, 1, 4));
    const value = bySign
      ? graph.add({ kind: "label", inputs: [scores], rule: "not_negative", labels })
      : graph.add({ kind: "label", inputs: [wrote(self, 1, 4) ? scores : probabilities], rule: "argmax", labels });
    return {
      predict: { value, scalar: true },
      predict_proba: { value: probabilities, scalar: false },
      predict_log_proba: { value: logOf(graph, probabilities), scalar: false },
      decision_function: { value: scores, scalar: outputs === 1 },
    };
  },
};

/** Several classes start from log p until 1.3, and from log p less its mean from 1.4. */
function linkOf(self: Instance, { exponential, outputs }: { exponential: boolean; outputs: number }): StartLink {
  if (outputs > 1) return wrote(self, 1, 4) ? "centred_log" : "log";
  return exponential ? "half_log_odds" : "log_odds";
}

function binary(scores: ValueId, exponential: boolean, { graph }: BuildContext): ValueId {
  const doubled = exponential
    ? graph.add({ kind: "columnwise", inputs: [scores], steps: [step("multiply", 2)], number: "f64" })
    : scores;
  return bothClasses(graph, graph.add({ kind: "map", inputs: [doubled], function: "expit" }));
}

function softmax(scores: ValueId, { graph }: BuildContext): ValueId {
  return graph.add({ kind: "softmax", inputs: [scores] });
}

/** `estimators_` is of shape (stages, scores). */
function scoreCount(self: Instance): number {
  const { shape } = arrayOf(self, "estimators_");
  const [, outputs = 0] = shape;
  if (shape.length !== 2 || outputs === 0) throw attributeError(self, "estimators_", "two dimensions were expected");
  return outputs;
}

function rawScores(
  self: Instance,
  input: ValueId,
  { context, link }: { context: BuildContext; link: StartLink },
): ValueId {
  const outputs = scoreCount(self);
  const rate = numberOf(self, "learning_rate");
  const trees = memberTrees(self, context).map(({ tree }) => tree);
  if (trees.some((tree) => tree.valueWidth !== 1))
    throw attributeError(self, "estimators_", "a tree has several outputs");
  const rows = treeInput(input, { estimator: shortName(self), takesNaN: false, context });
  const { base, value } = boostingStart(self, { outputs, link, rows, context });
  return context.graph.add({
    kind: "forest",
    inputs: value === null ? [rows] : [rows, value],
    ...forestArrays(trees, {
      path: pathOf(self, "estimators_"),
      width: featureCount(self),
      leafWidth: 1,
      leaf: (tree, node, { leaves, at }) => {
        leaves[at] = rate * (tree.values[node] as number);
      },
    }),
    rule: "le",
    targets: Int32Array.from(trees, (_, at) => at % outputs),
    base: base ?? new Float64Array(outputs),
    sum: "f64",
  });
}

function unknownLoss(self: Instance): Error {
  return trimaranError("MODEL_UNSUPPORTED", {
    path: pathOf(self, "loss"),
    what: `the loss ${stringOf(self, "loss")}`,
    nearest: "",
  });
}

export const gradientBoosting: readonly EstimatorRecord[] = [gradientBoostingClassifier, gradientBoostingRegressor];
