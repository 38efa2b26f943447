// Naive Bayes. Source: sklearn/naive_bayes.py, `_joint_log_likelihood` of each class.
import type { Label } from "../../../data/predictions.ts";
import type { ValueId } from "../../../model/value.ts";
import { isArray, readArray } from "../../numpy/ndarray.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { threshold } from "../checked-numbers.ts";
import { classList } from "../class-labels.ts";
import { denseFinite, type Matrix, matrixOf, toMatrix } from "../dense-matrix.ts";
import type { BuildContext, EstimatorRecord } from "../estimator.ts";
import { arrayOf, attributeError, firstOf, has, type Instance, itemsOf, pathOf, wrote } from "../instance.ts";
import { finiteInput } from "../linear-scores.ts";
import { likelihoodMethods } from "../log-likelihoods.ts";
import { numericInput } from "../numeric-input.ts";
import { pairwiseTotal, pairwiseTotal32 } from "../pairwise-total.ts";
import { step } from "../probabilities.ts";

type Likelihoods = (self: Instance, input: ValueId, context: BuildContext) => ValueId;

function bayes(name: string, parameters: string, likelihoods: Likelihoods): EstimatorRecord {
  return {
    name,
    classes: [`sklearn.naive_bayes.${name}`],
    fitted: ["classes_", parameters],
    exactness: "near",
    input: (self) => numericInput(self, { width: matrixOf(self, parameters).columns }),
    toOps: (self, input, context) =>
      likelihoodMethods(context.graph, likelihoods(self, input, context), likelihoodLabels(self)),
  };
}

/** Fitted on a single class, the discrete ones had a second until 0.24, which nobody was of and never wins. */
function likelihoodLabels(self: Instance): readonly Label[] {
  const labels = classList(self);
  const [only] = labels;
  if (labels.length !== 1 || only === undefined || wrote(self, 1, 0) || !has(self, "class_log_prior_")) return labels;
  return classPriors(self).length === 2 ? [only, only] : labels;
}

/** log prior − ½ Σ log(2π var) − ½ Σ (x − θ)² / var */
const gaussian: Likelihoods = (self, input, context) => {
  const { graph } = context;
  const means = matrixOf(self, "theta_");
  // `sigma_` until 0.24.
  const scales = toFloat64(arrayOf(self, firstOf(self, ["var_", "sigma_"])));
  const priors = toFloat64(arrayOf(self, "class_prior_"));
  if (scales.some(Number.isNaN) || priors.some(Number.isNaN)) throw attributeError(self, "theta_", "it has no numbers");
  if (scales.length !== means.values.length || priors.length !== means.rows) {
    throw attributeError(self, "theta_", "it does not fit the variances or the priors");
  }
  const width = means.columns;
  // What depends on no row is computed in the type of the fitted numbers, float32 where they are (1.9 on).
  const rounded = arrayOf(self, "theta_").dtype.itemsize === 4 ? Math.fround : (value: number): number => value;
  const constants = priors.map((_, row) => {
    const logs = scales
      .slice(row * width, (row + 1) * width)
      .map((variance) => rounded(Math.log(rounded(rounded(2 * Math.PI) * variance))));
    return -0.5 * (rounded === Math.fround ? pairwiseTotal32(logs) : pairwiseTotal(logs));
  });
  const squares = graph.add({
    kind: "distances",
    inputs: [denseFinite(self, input, context)],
    points: means.values,
    count: means.rows,
    metric: { name: "squared", scales },
  });
  const steps = [
    step("multiply", -0.5),
    { step: "add" as const, values: constants },
    { step: "add" as const, values: priors.map((prior) => rounded(Math.log(prior))) },
  ];
  return graph.add({ kind: "columnwise", inputs: [squares], steps, number: "f64" });
};

const multinomial: Likelihoods = (self, input, context) => {
  const { values } = matrixOf(self, "feature_log_prob_");
  return affineOf(self, finiteInput(self, input, context), { context, weights: values, intercept: classPriors(self) });
};

/** The prior counts only where there is a single class. */
const complement: Likelihoods = (self, input, context) => {
  const { values, rows } = matrixOf(self, "feature_log_prob_");
  const intercept = classList(self).length === 1 ? classPriors(self) : new Float64Array(rows);
  return affineOf(self, finiteInput(self, input, context), { context, weights: values, intercept });
};

const bernoulli: Likelihoods = (self, input, context) => {
  const { graph } = context;
  const logs = matrixOf(self, "feature_log_prob_");
  const { weights, intercept } = bernoulliWeights(logs, classPriors(self));
  if (!has(self, "binarize")) {
    return affineOf(self, finiteInput(self, input, context), { context, weights, intercept });
  }
  // Of a sparse row each stored number is compared, before those of one column are summed.
  const steps = [step("greater", threshold(self, "binarize", graph.typeOf(input)))];
  const finite = finiteInput(self, input, context);
  const binary = graph.add({ kind: "columnwise", inputs: [finite], steps, number: "f64" });
  return affineOf(self, binary, { context, weights, intercept });
};

/** log p − log(1 − p) a present feature, and log(1 − p) of all. */
function bernoulliWeights(logs: Matrix, priors: Float64Array): { weights: Float64Array; intercept: Float64Array } {
  const absent = logs.values.map((value) => Math.log(1 - Math.exp(value)));
  const weights = logs.values.map((value, at) => value - (absent[at] as number));
  const intercept = priors.map(
    (prior, row) => prior + pairwiseTotal(absent.slice(row * logs.columns, (row + 1) * logs.columns)),
  );
  return { weights, intercept };
}

/** The sum of the categories' own likelihoods, one table a column. Cells are cut to whole numbers first. */
const categorical: Likelihoods = (self, input, context) => {
  const { graph } = context;
  const tables = categoryTables(self);
  const positions = graph.add({ kind: "map", inputs: [denseFinite(self, input, context)], function: "trunc" });
  const known = graph.add({
    kind: "category_numbers",
    inputs: [positions],
    tables: tables.map(({ columns }) => ({
      categories: Array.from({ length: columns }, (_, value): Label => ({ type: "integer", value })),
      numbers: Float64Array.from({ length: columns }, (_, at) => at),
      missing: "refuse",
      unknown: "refuse",
    })),
    number: "f64",
    estimator: "CategoricalNB",
  });
  const widths = tables.map(({ columns }) => columns);
  const chosen = graph.add({ kind: "one_hot", inputs: [known], widths, number: "f64" });
  const intercept = classPriors(self);
  const weights = Float64Array.from(
    [...intercept.keys()].flatMap((row) =>
      tables.flatMap(({ values, columns }) => [...values.subarray(row * columns, (row + 1) * columns)]),
    ),
  );
  return affineOf(self, chosen, { context, weights, intercept });
};

/** `feature_log_prob_`: classes × categories, one a column. */
function categoryTables(self: Instance): readonly Matrix[] {
  const { length } = classPriors(self);
  return itemsOf(self, "feature_log_prob_").map((item, at) => {
    const name = `feature_log_prob_[${at}]`;
    if (!isArray(item)) throw attributeError(self, name, "an array was expected");
    const table = toMatrix(readArray(item, pathOf(self, name)), self, name);
    if (table.rows !== length) throw attributeError(self, name, "it does not fit class_log_prior_");
    return table;
  });
}

function classPriors(self: Instance): Float64Array {
  const priors = toFloat64(arrayOf(self, "class_log_prior_"));
  if (priors.some(Number.isNaN)) throw attributeError(self, "class_log_prior_", "it holds NaN");
  return priors;
}

interface Affine {
  readonly context: BuildContext;
  readonly weights: Float64Array;
  readonly intercept: Float64Array;
}

function affineOf(self: Instance, input: ValueId, { context, weights, intercept }: Affine): ValueId {
  if (intercept.length !== likelihoodLabels(self).length)
    throw attributeError(self, "class_log_prior_", "it does not fit classes_");
  return context.graph.add({ kind: "affine", inputs: [input], weights, intercept });
}

export const naiveBayes: readonly EstimatorRecord[] = [
  bayes("GaussianNB", "theta_", gaussian),
  bayes("MultinomialNB", "feature_log_prob_", multinomial),
  bayes("ComplementNB", "feature_log_prob_", complement),
  bayes("BernoulliNB", "feature_log_prob_", bernoulli),
  {
    ...bayes("CategoricalNB", "feature_log_prob_", categorical),
    note: "cells are cut to whole numbers, as the library does",
    input: (self) => numericInput(self, { width: categoryTables(self).length }),
  },
];
