// MLPClassifier and MLPRegressor: layers of sums, each through its activation. Source: sklearn/neural_network.
import type { Label } from "../../../data/predictions.ts";
import type { GraphBuilder } from "../../../model/graph-builder.ts";
import type { ValueId } from "../../../model/value.ts";
import { readArray } from "../../numpy/ndarray.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { classList, classLists } from "../class-labels.ts";
import { type Matrix, toMatrix, transposed } from "../dense-matrix.ts";
import type { EstimatorRecord, Methods } from "../estimator.ts";
import {
  attribute,
  attributeError,
  has,
  type Instance,
  instanceOf,
  integerOf,
  itemsOf,
  pathOf,
  stringOf,
} from "../instance.ts";
import { finiteInput } from "../linear-scores.ts";
import { unsupported } from "../member-answers.ts";
import { numericInput } from "../numeric-input.ts";
import { bothClasses, logOf, step } from "../probabilities.ts";

const modules = ["sklearn.neural_network._multilayer_perceptron", "sklearn.neural_network.multilayer_perceptron"];

export const mlpClassifier: EstimatorRecord = {
  name: "MLPClassifier",
  classes: modules.map((module) => `${module}.MLPClassifier`),
  fitted: ["coefs_", "intercepts_", "out_activation_"],
  exactness: "near",
  input: (self) => numericInput(self, { width: layersOf(self)[0]?.weights.columns ?? 0 }),
  toOps(self, input, context): Methods {
    const { graph } = context;
    const value = forward(graph, self, finiteInput(self, input, context));
    const labels = classList(self);
    const type = graph.typeOf(value);
    const width = type.kind === "dense" ? type.width : 0;
    const multilabel = isMultilabel(self);
    const fits = multilabel || width > 1 ? labels.length === width : labels.length <= 2;
    if (!fits || (binarizedCount(self) ?? labels.length) !== labels.length)
      throw attributeError(self, "classes_", "it does not fit the last layer");
    const proba = width === 1 ? bothClasses(graph, value) : value;
    return {
      predict: predicted(graph, value, { labels, width, multilabel }),
      predict_proba: { value: proba, scalar: false },
      predict_log_proba: { value: logOf(graph, proba), scalar: false },
    };
  },
};

export const mlpRegressor: EstimatorRecord = {
  name: "MLPRegressor",
  classes: modules.map((module) => `${module}.MLPRegressor`),
  fitted: ["coefs_", "intercepts_", "out_activation_"],
  exactness: "near",
  input: (self) => numericInput(self, { width: layersOf(self)[0]?.weights.columns ?? 0 }),
  toOps(self, input, context): Methods {
    const value = forward(context.graph, self, finiteInput(self, input, context));
    const type = context.graph.typeOf(value);
    return { predict: { value, scalar: type.kind === "dense" && type.width === 1 } };
  },
};

interface Layer {
  /** `outputs × inputs`. */
  readonly weights: Matrix;
  readonly intercept: Float64Array;
}

function layersOf(self: Instance): readonly Layer[] {
  const intercepts = itemsOf(self, "intercepts_");
  const layers = itemsOf(self, "coefs_").map((item, at): Layer => {
    const coefficients = toMatrix(readArray(item, `${pathOf(self, "coefs_")}[${at}]`), self, "coefs_");
    const intercept = toFloat64(readArray(intercepts[at], `${pathOf(self, "intercepts_")}[${at}]`));
    if (intercept.length !== coefficients.columns) throw attributeError(self, "intercepts_", "it does not fit coefs_");
    return { weights: transposed(coefficients), intercept };
  });
  if (layers.length === 0) throw attributeError(self, "coefs_", "it holds no layer");
  if (layers.length !== intercepts.length) throw attributeError(self, "intercepts_", "it does not fit coefs_");
  if (integerOf(self, "n_layers_", layers.length + 1) !== layers.length + 1) {
    throw attributeError(self, "coefs_", "it does not fit n_layers_");
  }
  return layers;
}

function forward(graph: GraphBuilder, self: Instance, input: ValueId): ValueId {
  const layers = layersOf(self);
  let value = input;
  for (const [at, { weights, intercept }] of layers.entries()) {
    const sums = graph.add({ kind: "affine", inputs: [value], weights: weights.values, intercept });
    value = activated(graph, sums, { self, name: at === layers.length - 1 ? "out_activation_" : "activation" });
  }
  return value;
}

function activated(
  graph: GraphBuilder,
  value: ValueId,
  { self, name }: { readonly self: Instance; readonly name: string },
): ValueId {
  const activation = stringOf(self, name);
  switch (activation) {
    case "identity":
      return value;
    case "logistic":
      return graph.add({ kind: "map", inputs: [value], function: "expit" });
    case "tanh":
    case "relu":
    case "exp":
      return graph.add({ kind: "map", inputs: [value], function: activation });
    case "softmax":
      return graph.add({ kind: "softmax", inputs: [value] });
    default:
      throw unsupported(pathOf(self, name), `the activation ${activation}`);
  }
}

function isMultilabel(self: Instance): boolean {
  const binarizer = instanceOf(attribute(self, "_label_binarizer"), pathOf(self, "_label_binarizer"), self);
  return binarizer !== undefined && stringOf(binarizer, "y_type_", "").startsWith("multilabel");
}

/** How many classes the label binarizer knows; null where there is none. */
function binarizedCount(self: Instance): number | null {
  const binarizer = instanceOf(attribute(self, "_label_binarizer"), pathOf(self, "_label_binarizer"), self);
  return binarizer === undefined || !has(binarizer, "classes_") ? null : (classLists(binarizer)[0]?.length ?? 0);
}

const zeroAndOne: readonly Label[] = [0, 1].map((value) => ({ type: "integer", value }));

/** The largest of several; the second label, or a label of its own each, where the number is over one half. */
function predicted(
  graph: GraphBuilder,
  value: ValueId,
  {
    labels,
    width,
    multilabel,
  }: { readonly labels: readonly Label[]; readonly width: number; readonly multilabel: boolean },
): { readonly value: ValueId; readonly scalar: boolean } {
  if (!multilabel && width > 1) {
    return { value: graph.add({ kind: "label", inputs: [value], rule: "argmax", labels: [labels] }), scalar: true };
  }
  const chosen = graph.add({ kind: "columnwise", inputs: [value], steps: [step("greater", 0.5)], number: "f64" });
  const lists = multilabel ? new Array<readonly Label[]>(width).fill(zeroAndOne) : [labels];
  return { value: graph.add({ kind: "label", inputs: [chosen], rule: "index", labels: lists }), scalar: !multilabel };
}
