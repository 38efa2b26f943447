// DummyClassifier and DummyRegressor: the same answer for every row, which is never looked at. Source: sklearn/dummy.py.
import { trimaranError } from "../../../base/errors.ts";
import type { ModelInput } from "../../../data/model-input.ts";
import type { Label } from "../../../data/predictions.ts";
import { isArray, readArray } from "../../numpy/ndarray.ts";
import { categoryOf, toLabels } from "../../numpy/to-labels.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { isNode, type PyValue } from "../../pickle/tree.ts";
import { classLists, labelIndex } from "../class-labels.ts";
import type { EstimatorRecord } from "../estimator.ts";
import {
  arrayOf,
  attribute,
  attributeError,
  booleanOf,
  has,
  type Instance,
  integerOf,
  itemsOf,
  pathOf,
  stringOf,
} from "../instance.ts";
import { numericInput } from "../numeric-input.ts";
import { probabilityMethods } from "./decision-trees.ts";

export const dummyClassifier: EstimatorRecord = {
  name: "DummyClassifier",
  classes: ["sklearn.dummy.DummyClassifier"],
  fitted: ["classes_", "class_prior_"],
  exactness: "exact",
  note: "the strategies prior, most_frequent and constant, and uniform for probabilities; stratified draws at random",
  input: dummyInput,
  toOps(self, input, context) {
    const { graph } = context;
    const labels = classLists(self);
    const counts = labels.map((list) => list.length);
    const numbers = dummyProbabilities(self);
    const probabilities = graph.add({ kind: "constant", inputs: [input], numbers, number: "f64" });
    const methods = probabilityMethods(probabilities, counts, context);
    if (strategyOf(self) === "uniform") return methods;
    const { indexes, answers } = answered(self, labels);
    const best = graph.add({ kind: "constant", inputs: [input], numbers: indexes, number: "i64" });
    const value = graph.add({ kind: "label", inputs: [best], rule: "index", labels: answers });
    return { predict: { value, scalar: labels.length === 1 }, ...methods };
  },
};

export const dummyRegressor: EstimatorRecord = {
  name: "DummyRegressor",
  classes: ["sklearn.dummy.DummyRegressor"],
  fitted: ["constant_"],
  exactness: "exact",
  input: dummyInput,
  toOps(self, input, { graph }) {
    const integer = "iu".includes(arrayOf(self, "constant_").dtype.kind);
    const numbers = dummyConstant(self);
    const value = graph.add({ kind: "constant", inputs: [input], numbers, number: integer ? "i64" : "f64" });
    return { predict: { value, scalar: numbers.length === 1 } };
  },
};

/** One number may stand for every output, so that a few bytes can ask for any memory a row. */
const maxOutputs = 1 << 16;

/** `constant_`: one number an output. */
export function dummyConstant(self: Instance): Float64Array {
  const numbers = toFloat64(arrayOf(self, "constant_"));
  const outputs = integerOf(self, "n_outputs_", numbers.length);
  if (outputs < 1 || outputs > maxOutputs)
    throw attributeError(self, "n_outputs_", `1 to ${maxOutputs} outputs were expected`);
  if (numbers.length === outputs && outputs > 0) return numbers;
  if (numbers.length === 1) return new Float64Array(outputs).fill(numbers[0] ?? 0);
  throw attributeError(self, "constant_", `${outputs} numbers were expected, not ${numbers.length}`);
}

/** What `predict_proba` answers for every row, output by output. */
export function dummyProbabilities(self: Instance): Float64Array {
  const strategy = strategyOf(self);
  const labels = classLists(self);
  const priors = priorLists(self);
  const rows = labels.map((list, output): Float64Array => {
    const prior = priors[output];
    if (prior?.length !== list.length) throw attributeError(self, "class_prior_", "it does not fit classes_");
    switch (strategy) {
      case "prior":
        return prior;
      case "uniform":
        return new Float64Array(list.length).fill(1 / list.length);
      default: {
        const best = strategy === "constant" ? constantIndex(self, list, output) : largestAt(prior);
        return Float64Array.from(list, (_, at) => Number(at === best));
      }
    }
  });
  return Float64Array.from(rows.flatMap((row) => [...row]));
}

/** Rows are never looked at, and most versions keep no number of features: then any row will do. */
function dummyInput(self: Instance): ModelInput {
  return has(self, "n_features_in_")
    ? numericInput(self, { nullable: true })
    : { kind: "matrix", named: false, columns: [] };
}

function strategyOf(self: Instance): string {
  const strategy = stringOf(self, has(self, "_strategy") ? "_strategy" : "strategy");
  const sparse = booleanOf(self, "sparse_output_", false);
  if (["prior", "most_frequent", "constant", "uniform"].includes(strategy) && !sparse) return strategy;
  const what = sparse ? "a DummyClassifier with sparse labels" : `the strategy ${strategy}`;
  throw trimaranError("MODEL_UNSUPPORTED", { path: pathOf(self, "strategy"), what, nearest: "" });
}

function priorLists(self: Instance): readonly Float64Array[] {
  if (isArray(attribute(self, "class_prior_"))) return [toFloat64(arrayOf(self, "class_prior_"))];
  return itemsOf(self, "class_prior_").map((item, index) =>
    toFloat64(readArray(item, `${pathOf(self, "class_prior_")}[${index}]`)),
  );
}

/** The position of each output's answer, and its labels; a constant answers in the type in which it was given. */
function answered(
  self: Instance,
  labels: readonly (readonly Label[])[],
): { indexes: Float64Array; answers: readonly (readonly Label[])[] } {
  const priors = priorLists(self);
  if (strategyOf(self) !== "constant") {
    return { indexes: Float64Array.from(priors, largestAt), answers: labels };
  }
  const constants = constantLabels(self);
  const indexes = Float64Array.from(labels, (list, output) => constantIndex(self, list, output));
  const answers = labels.map((list, output) =>
    list.map((label, at) => (at === indexes[output] ? (constants[output] ?? label) : label)),
  );
  return { indexes, answers };
}

function constantIndex(self: Instance, labels: readonly Label[], output: number): number {
  const label = constantLabels(self)[output];
  const index = label === undefined ? -1 : labelIndex(labels, label);
  if (index < 0) throw attributeError(self, "constant", "it is none of the classes");
  return index;
}

/** `constant`: a label, or one an output in a list, a tuple or an array. */
function constantLabels(self: Instance): readonly Label[] {
  const value = attribute(self, "constant");
  if (isArray(value)) return toLabels(arrayOf(self, "constant"));
  const items: readonly PyValue[] =
    isNode(value) && (value.kind === "list" || value.kind === "tuple") ? value.items : [value ?? null];
  return items.map((item) => {
    const label = categoryOf(item);
    if (label === undefined || label.type === "none") throw attributeError(self, "constant", "a label was expected");
    return label;
  });
}

/** The first of the largest. */
function largestAt(numbers: Float64Array): number {
  let best = 0;
  for (const [at, value] of numbers.entries()) if (value > (numbers[best] as number)) best = at;
  return best;
}
