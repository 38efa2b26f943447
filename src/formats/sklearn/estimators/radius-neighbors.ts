// RadiusNeighborsClassifier and RadiusNeighborsRegressor: all fitted rows within a distance, of one weight each.
// Source: sklearn/neighbors/_classification.py, _regression.py.
import type { ValueId } from "../../../model/value.ts";
import { isArray, readArray } from "../../numpy/ndarray.ts";
import { categoryOf, toLabels } from "../../numpy/to-labels.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { isNode } from "../../pickle/tree.ts";
import { classList, labelIndex } from "../class-labels.ts";
import { denseFinite, matrixOf, transposed } from "../dense-matrix.ts";
import type { BuildContext, EstimatorRecord, Methods } from "../estimator.ts";
import { arrayOf, attribute, attributeError, type Instance, numberOf, pathOf } from "../instance.ts";
import { unsupported } from "../member-answers.ts";
import { numericInput } from "../numeric-input.ts";
import { step } from "../probabilities.ts";
import { metricOf, voteTable } from "./nearest-neighbors.ts";

export const radiusNeighborsRegressor: EstimatorRecord = {
  name: "RadiusNeighborsRegressor",
  classes: ["_regression", "regression"].map((module) => `sklearn.neighbors.${module}.RadiusNeighborsRegressor`),
  fitted: ["_fit_X", "_y", "radius"],
  exactness: "near",
  note: "of uniform weights; a row without neighbours is NaN",
  input: (self) => numericInput(self, { width: matrixOf(self, "_fit_X").columns }),
  toOps(self, input, context): Methods {
    const targets = arrayOf(self, "_y");
    const [rows = 0, width = 1] = targets.shape;
    if (rows !== matrixOf(self, "_fit_X").rows) throw attributeError(self, "_y", "it does not fit _fit_X");
    const within = withinRadius(self, input, context);
    const sums = sumsOf(within, { table: toFloat64(targets), width }, context);
    const value = context.graph.add({ kind: "combine", inputs: [sums, countOf(within, context)], function: "divide" });
    return { predict: { value, scalar: targets.shape.length === 1 } };
  },
};

export const radiusNeighborsClassifier: EstimatorRecord = {
  name: "RadiusNeighborsClassifier",
  classes: ["_classification", "classification"].map(
    (module) => `sklearn.neighbors.${module}.RadiusNeighborsClassifier`,
  ),
  fitted: ["_fit_X", "_y", "radius", "classes_"],
  exactness: "near",
  note: "of uniform weights, one output, and with an outlier label that is one of the classes",
  input: (self) => numericInput(self, { width: matrixOf(self, "_fit_X").columns }),
  toOps(self, input, context): Methods {
    const { graph } = context;
    const labels = classList(self);
    const within = withinRadius(self, input, context);
    const votes = sumsOf(within, { table: voteTable(self, [labels.length]), width: labels.length }, context);
    // A row without neighbours votes for the outlier label.
    const steps = [step("greater", 0), step("multiply", -1), step("add", 1)];
    const alone = graph.add({ kind: "columnwise", inputs: [countOf(within, context)], steps, number: "f64" });
    const outlier = outlierPlace(self, labels.length);
    const weights = Float64Array.from(labels, (_, at) => Number(at === outlier));
    const spare = graph.add({ kind: "affine", inputs: [alone], weights, intercept: new Float64Array(labels.length) });
    const all = graph.add({ kind: "combine", inputs: [votes, spare], function: "add" });
    const value = graph.add({ kind: "normalize_sum", inputs: [all], zero: "nan" });
    return {
      predict: { value: graph.add({ kind: "label", inputs: [value], rule: "argmax", labels: [labels] }), scalar: true },
      predict_proba: { value, scalar: false },
    };
  },
};

/** One column a fitted row: 1 within the radius, else 0. */
function withinRadius(self: Instance, input: ValueId, context: BuildContext): ValueId {
  const { graph } = context;
  const weights = attribute(self, "weights");
  if (weights !== "uniform" && weights !== null) {
    throw unsupported(pathOf(self, "weights"), "neighbours within a radius with weights of their own");
  }
  const { values: points, rows: count } = matrixOf(self, "_fit_X");
  const inputs = [denseFinite(self, input, context)] as const;
  const distances = graph.add({ kind: "distances", inputs, points, count, metric: metricOf(self) });
  const steps = [step("greater", numberOf(self, "radius")), step("multiply", -1), step("add", 1)];
  return graph.add({ kind: "columnwise", inputs: [distances], steps, number: "f64" });
}

function countOf(within: ValueId, { graph }: BuildContext): ValueId {
  return graph.add({ kind: "row_sum", inputs: [within] });
}

interface Table {
  /** Row-major, one row a fitted row. */
  readonly table: Float64Array;
  readonly width: number;
}

function sumsOf(within: ValueId, { table, width }: Table, { graph }: BuildContext): ValueId {
  const turned = transposed({ values: table, rows: table.length / width, columns: width });
  const intercept = new Float64Array(width);
  return graph.add({ kind: "affine", inputs: [within], weights: turned.values, intercept });
}

/** The place of `outlier_label_` (one an output) among the classes. Without one the library refuses such rows. */
function outlierPlace(self: Instance, classes: number): number {
  const value = attribute(self, "outlier_label_");
  const path = pathOf(self, "outlier_label_");
  const [first] = isNode(value) && value.kind === "list" ? value.items : [value];
  const label = isArray(first) ? toLabels(readArray(first, path))[0] : categoryOf(first);
  const place = label === undefined || label.type === "none" ? -1 : labelIndex(classList(self), label);
  if (place < 0 || place >= classes) throw unsupported(path, "an outlier label that is none of the classes");
  return place;
}
