// RadiusNeighborsClassifier and RadiusNeighborsRegressor: all fitted rows within a distance, of one weight each or of
// the reciprocals of their distances.
// Source: sklearn/neighbors/_classification.py, _regression.py.
import type { Label } from "../../../data/predictions.ts";
import type { GraphBuilder } from "../../../model/graph-builder.ts";
import type { ValueId } from "../../../model/value.ts";
import { isArray, readArray } from "../../numpy/ndarray.ts";
import { categoryOf, toLabels } from "../../numpy/to-labels.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { isNode } from "../../pickle/tree.ts";
import { classList, labelIndex } from "../class-labels.ts";
import { denseFinite, matrixOf, transposed } from "../dense-matrix.ts";
import type { BuildContext, EstimatorRecord, Methods } from "../estimator.ts";
import { arrayOf, attribute, attributeError, type Instance, numberOf, pathOf, wrote } from "../instance.ts";
import { unsupported } from "../member-answers.ts";
import { numericInput } from "../numeric-input.ts";
import { step } from "../probabilities.ts";
import { metricOf, voteTable } from "./nearest-neighbors.ts";

export const radiusNeighborsRegressor: EstimatorRecord = {
  name: "RadiusNeighborsRegressor",
  classes: ["_regression", "regression"].map((module) => `sklearn.neighbors.${module}.RadiusNeighborsRegressor`),
  fitted: ["_fit_X", "_y", "radius"],
  exactness: "near",
  note: "a row without neighbours is NaN",
  input: (self) => numericInput(self, { width: matrixOf(self, "_fit_X").columns }),
  toOps(self, input, context): Methods {
    const targets = arrayOf(self, "_y");
    const [rows = 0, width = 1] = targets.shape;
    if (rows !== matrixOf(self, "_fit_X").rows) throw attributeError(self, "_y", "it does not fit _fit_X");
    const { weights } = withinRadius(self, input, context);
    const sums = sumsOf(weights, { table: toFloat64(targets), width }, context);
    const value = context.graph.add({ kind: "combine", inputs: [sums, totalOf(weights, context)], function: "divide" });
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
  note: "of one output",
  input: (self) => numericInput(self, { width: matrixOf(self, "_fit_X").columns }),
  toOps(self, input, context): Methods {
    const { graph } = context;
    const labels = classList(self);
    const { within, weights: counted } = withinRadius(self, input, context);
    const votes = sumsOf(counted, { table: voteTable(self, [labels.length]), width: labels.length }, context);
    const outlier = outlierLabel(self);
    if (outlier === null) return likeliest(self, refuseAlone(graph, within, votes), { graph, labels });
    // A row without neighbours votes for the outlier label.
    const steps = [step("greater", 0), step("multiply", -1), step("add", 1)];
    const alone = graph.add({ kind: "columnwise", inputs: [totalOf(within, context)], steps, number: "f64" });
    const place = labelIndex(labels, outlier);
    if (place < 0) {
      // A label of its own has no probability.
      const total = graph.add({ kind: "row_sum", inputs: [votes] });
      const divisor = graph.add({ kind: "combine", inputs: [total, alone], function: "add" });
      const value = graph.add({ kind: "combine", inputs: [votes, divisor], function: "divide" });
      const all = graph.add({ kind: "concat", inputs: [votes, alone] });
      const withOutlier = [[...labels, outlier]];
      const predict = graph.add({ kind: "label", inputs: [all], rule: "argmax", labels: withOutlier });
      return { predict: { value: predict, scalar: true }, ...shares(self, value) };
    }
    const weights = Float64Array.from(labels, (_, at) => Number(at === place));
    const spare = graph.add({ kind: "affine", inputs: [alone], weights, intercept: new Float64Array(labels.length) });
    return likeliest(self, graph.add({ kind: "combine", inputs: [votes, spare], function: "add" }), { graph, labels });
  },
};

/** Both have one column a fitted row. */
interface Within {
  /** 1 within the radius, else 0. */
  readonly within: ValueId;
  /** What such a row weighs. */
  readonly weights: ValueId;
}

function withinRadius(self: Instance, input: ValueId, context: BuildContext): Within {
  const { graph } = context;
  const rule = attribute(self, "weights") ?? "uniform";
  if (rule !== "uniform" && rule !== "distance") {
    throw unsupported(pathOf(self, "weights"), "neighbours within a radius with weights of their own");
  }
  const { values: points, rows: count } = matrixOf(self, "_fit_X");
  const inputs = [denseFinite(self, input, context)] as const;
  const distances = graph.add({ kind: "distances", inputs, points, count, metric: metricOf(self) });
  const steps = [step("greater", numberOf(self, "radius")), step("multiply", -1), step("add", 1)];
  const within = graph.add({ kind: "columnwise", inputs: [distances], steps, number: "f64" });
  return { within, weights: rule === "uniform" ? within : reciprocals(graph, within, distances) };
}

/** 1 / distance within the radius; where some distance is 0, those rows alone weigh, 1 each. */
function reciprocals(graph: GraphBuilder, within: ValueId, distances: ValueId): ValueId {
  const not = [step("greater", 0), step("multiply", -1), step("add", 1)];
  const isZero = graph.add({ kind: "columnwise", inputs: [distances], steps: not, number: "f64" });
  const zeros = graph.add({ kind: "row_sum", inputs: [isZero] });
  const none = graph.add({ kind: "columnwise", inputs: [zeros], steps: not, number: "f64" });
  const positive = graph.add({ kind: "combine", inputs: [distances, isZero], function: "add" });
  const inverse = graph.add({ kind: "map", inputs: [positive], function: "reciprocal" });
  const near = graph.add({ kind: "combine", inputs: [inverse, within], function: "multiply" });
  const counted = graph.add({ kind: "combine", inputs: [near, none], function: "multiply" });
  return graph.add({ kind: "combine", inputs: [counted, isZero], function: "add" });
}

function totalOf(weights: ValueId, { graph }: BuildContext): ValueId {
  return graph.add({ kind: "row_sum", inputs: [weights] });
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

/** The largest share of the votes. */
function likeliest(
  self: Instance,
  votes: ValueId,
  { graph, labels }: { readonly graph: GraphBuilder; readonly labels: readonly Label[] },
): Methods {
  const value = graph.add({ kind: "normalize_sum", inputs: [votes], zero: "nan" });
  return {
    predict: { value: graph.add({ kind: "label", inputs: [value], rule: "argmax", labels: [labels] }), scalar: true },
    ...shares(self, value),
  };
}

/** predict_proba came with 0.22. */
function shares(self: Instance, value: ValueId): Methods {
  return wrote(self, 0, 22) ? { predict_proba: { value, scalar: false } } : {};
}

/** The votes themselves; a row that has none is refused. */
function refuseAlone(graph: GraphBuilder, within: ValueId, votes: ValueId): ValueId {
  const type = graph.typeOf(within);
  const rows = type.kind === "dense" ? type.width : 0;
  const votesType = graph.typeOf(votes);
  const width = votesType.kind === "dense" ? votesType.width : 0;
  // 1 within the radius, infinitely far outside of it: then nobody is near.
  const far = graph.add({ kind: "map", inputs: [within], function: "reciprocal" });
  const nearest = graph.add({ kind: "neighbors", inputs: [far], count: 1 });
  const nothing = graph.add({
    kind: "neighbor_sums",
    inputs: [nearest],
    table: new Float64Array(rows * width),
    width,
    weights: "distance",
    mean: false,
    nobody: "refuse",
  });
  return graph.add({ kind: "combine", inputs: [votes, nothing], function: "add" });
}

/** `outlier_label_` (one an output), before 0.22 the parameter itself; null where such rows are refused. */
function outlierLabel(self: Instance): Label | null {
  const name = wrote(self, 0, 22) ? "outlier_label_" : "outlier_label";
  const value = attribute(self, name);
  const path = pathOf(self, name);
  const [first] = isNode(value) && value.kind === "list" ? value.items : [value];
  if (first === null || first === undefined) return null;
  const label = isArray(first) ? toLabels(readArray(first, path))[0] : categoryOf(first);
  if (label === undefined || label.type === "none") throw unsupported(path, "an outlier label of this type");
  // Text is cut to the longest of the classes, as their array holds it.
  const { dtype } = arrayOf(self, "classes_");
  if (label.type !== "string" || dtype.kind !== "U") return label;
  return { ...label, value: [...label.value].slice(0, dtype.itemsize / 4).join("") };
}
