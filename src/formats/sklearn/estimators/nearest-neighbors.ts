// KNeighborsClassifier and KNeighborsRegressor: the fitted rows nearest by distance, all of them measured.
// Source: sklearn/neighbors/_classification.py, _regression.py; `_get_weights` in _base.py.
import { trimaranError } from "../../../base/errors.ts";
import type { Metric } from "../../../model/ops/distances.ts";
import type { ValueId } from "../../../model/value.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { isNode } from "../../pickle/tree.ts";
import { classLists } from "../class-labels.ts";
import { denseFinite, matrixOf } from "../dense-matrix.ts";
import type { BuildContext, EstimatorRecord } from "../estimator.ts";
import {
  arrayOf,
  attribute,
  attributeError,
  type Instance,
  instanceOf,
  integerOf,
  pathOf,
  scalarOf,
  stringOf,
  wrote,
} from "../instance.ts";
import { numericInput } from "../numeric-input.ts";

const note =
  "every fitted row is measured; equally distant rows are taken in the order of fitting, where the library takes those that its partition or tree meets";

export const kNeighborsClassifier: EstimatorRecord = {
  name: "KNeighborsClassifier",
  classes: [
    "sklearn.neighbors._classification.KNeighborsClassifier",
    "sklearn.neighbors.classification.KNeighborsClassifier",
  ],
  fitted: ["_fit_X", "_y", "classes_"],
  exactness: "near",
  note,
  input: (self) => numericInput(self, { width: matrixOf(self, "_fit_X").columns }),
  toOps(self, input, context) {
    const { graph } = context;
    const labels = classLists(self);
    const counts = labels.map((list) => list.length);
    const neighbors = neighborsOf(self, input, context);
    const votes = { table: voteTable(self, counts), width: counts.reduce((sum, count) => sum + count, 0) };
    const weights = weightsOf(self);
    // Newer releases refuse a row whose neighbours all weigh nothing; older ones answer zeros.
    const nobody = wrote(self, 1, 4) ? "refuse" : "zero";
    const sums = graph.add({ kind: "neighbor_sums", inputs: [neighbors], ...votes, weights, mean: false, nobody });
    const shares = graph.add({ kind: "neighbor_sums", inputs: [neighbors], ...votes, weights, mean: true, nobody });
    const one = counts.length === 1;
    return {
      predict: { value: graph.add({ kind: "label", inputs: [sums], rule: "argmax", labels }), scalar: one },
      predict_proba: { value: shares, scalar: false, ...(one ? {} : { widths: counts }) },
    };
  },
};

export const kNeighborsRegressor: EstimatorRecord = {
  name: "KNeighborsRegressor",
  classes: ["sklearn.neighbors._regression.KNeighborsRegressor", "sklearn.neighbors.regression.KNeighborsRegressor"],
  fitted: ["_fit_X", "_y"],
  exactness: "near",
  note,
  input: (self) => numericInput(self, { width: matrixOf(self, "_fit_X").columns }),
  toOps(self, input, context) {
    const targets = arrayOf(self, "_y");
    const [rows = 0, width = 1] = targets.shape;
    if (rows !== matrixOf(self, "_fit_X").rows) throw attributeError(self, "_y", "it does not fit _fit_X");
    const value = context.graph.add({
      kind: "neighbor_sums",
      inputs: [neighborsOf(self, input, context)],
      table: toFloat64(targets),
      width,
      weights: weightsOf(self),
      mean: true,
      nobody: "nan",
    });
    return { predict: { value, scalar: targets.shape.length === 1 } };
  },
};

function neighborsOf(self: Instance, input: ValueId, context: BuildContext): ValueId {
  const { values: points, rows: count } = matrixOf(self, "_fit_X");
  const inputs = [denseFinite(self, input, context)] as const;
  const distances = context.graph.add({ kind: "distances", inputs, points, count, metric: metricOf(self) });
  return context.graph.add({ kind: "neighbors", inputs: [distances], count: integerOf(self, "n_neighbors") });
}

const plainMetrics: Readonly<Record<string, Metric>> = {
  euclidean: { name: "euclidean" },
  l2: { name: "euclidean" },
  manhattan: { name: "manhattan" },
  cityblock: { name: "manhattan" },
  l1: { name: "manhattan" },
  chebyshev: { name: "chebyshev" },
  infinity: { name: "chebyshev" },
  canberra: { name: "canberra" },
  cosine: { name: "cosine" },
};

/** `effective_metric_`, in which Minkowski's special powers have their own names. */
export function metricOf(self: Instance): Metric {
  const name = scalarOf(attribute(self, "effective_metric_"));
  const parameters = attribute(self, "effective_metric_params_");
  const entries = isNode(parameters) && parameters.kind === "dict" ? parameters : { keys: [], values: [] };
  const plain = typeof name === "string" && Object.hasOwn(plainMetrics, name) ? plainMetrics[name] : undefined;
  const settings = new Map(entries.keys.map((key, at) => [key, scalarOf(entries.values[at])]));
  // Some versions keep `p`, and all of them `w: None`.
  const others = [...settings].filter(([key, value]) => key !== "p" && value !== null);
  if (others.length === 0 && plain !== undefined) return plain;
  const power = settings.get("p");
  if (others.length === 0 && name === "minkowski" && typeof power === "number" && power > 0) {
    if (power === 1) return { name: "manhattan" };
    if (power === 2) return { name: "euclidean" };
    return power === Number.POSITIVE_INFINITY ? { name: "chebyshev" } : { name: "minkowski", power };
  }
  const what = typeof name === "string" ? `the metric ${name} of these settings` : "a metric that is a function";
  throw trimaranError("MODEL_UNSUPPORTED", { path: pathOf(self, "effective_metric_"), what, nearest: "" });
}

function weightsOf(self: Instance): "uniform" | "distance" {
  const value = attribute(self, "weights");
  if (value === null || value === undefined || value === "uniform") return "uniform";
  if (value === "distance") return "distance";
  const what =
    instanceOf(value, "", self) === undefined
      ? "weights that are a function"
      : `the weights ${stringOf(self, "weights", "?")}`;
  throw trimaranError("MODEL_UNSUPPORTED", { path: pathOf(self, "weights"), what, nearest: "" });
}

/** One row a fitted row: 1 at its class, for each output side by side. `_y` holds positions in `classes_`. */
export function voteTable(self: Instance, counts: readonly number[]): Float64Array {
  const codes = toFloat64(arrayOf(self, "_y"));
  const { rows } = matrixOf(self, "_fit_X");
  if (codes.length !== rows * counts.length) throw attributeError(self, "_y", "it does not fit _fit_X");
  const width = counts.reduce((sum, count) => sum + count, 0);
  const table = new Float64Array(rows * width);
  const seen = new Set<number>();
  for (let row = 0; row < rows; row++) {
    let start = row * width;
    for (const [output, count] of counts.entries()) {
      const code = codes[row * counts.length + output] as number;
      if (!Number.isInteger(code) || code < 0 || code >= count) throw attributeError(self, "_y", "it names no class");
      table[start + code] = 1;
      seen.add(start - row * width + code);
      start += count;
    }
  }
  // The classes are those of the fitted rows.
  if (seen.size !== width) throw attributeError(self, "classes_", "it names a class that no fitted row has");
  return table;
}
