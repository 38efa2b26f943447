// NearestCentroid: the class whose centre is nearest; from 1.6 on with priors and scores. Source:
// sklearn/neighbors/_nearest_centroid.py.
import type { Metric } from "../../../model/ops/distances.ts";
import type { ValueId } from "../../../model/value.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { classList } from "../class-labels.ts";
import { denseFinite, matrixOf } from "../dense-matrix.ts";
import type { BuildContext, EstimatorRecord, Methods } from "../estimator.ts";
import { arrayOf, attribute, type Instance, pathOf, wrote } from "../instance.ts";
import { likelihoodMethods, normalizedLogs } from "../log-likelihoods.ts";
import { columnOf, unsupported } from "../member-answers.ts";
import { numericInput } from "../numeric-input.ts";

export const nearestCentroid: EstimatorRecord = {
  name: "NearestCentroid",
  classes: [
    "sklearn.neighbors._nearest_centroid.NearestCentroid",
    "sklearn.neighbors.nearest_centroid.NearestCentroid",
  ],
  fitted: ["centroids_", "classes_"],
  exactness: "near",
  input: (self) => numericInput(self, { width: matrixOf(self, "centroids_").columns }),
  toOps(self, input, context): Methods {
    const { graph } = context;
    const labels = classList(self);
    const x = denseFinite(self, input, context);
    const { values: points, rows: count } = matrixOf(self, "centroids_");
    const distances = graph.add({ kind: "distances", inputs: [x], points, count, metric: metricOf(self) });
    const nearness = graph.add({ kind: "map", inputs: [distances], function: "negative" });
    const nearest = graph.add({ kind: "label", inputs: [nearness], rule: "argmax", labels: [labels] });
    if (!wrote(self, 1, 6)) return { predict: { value: nearest, scalar: true } };
    const scores = scoresOf(self, x, context);
    // The library takes the largest score off first, so that scores of 1e300 still make probabilities; so does twice.
    const methods = likelihoodMethods(graph, normalizedLogs(graph, scores), labels);
    const best = graph.add({ kind: "label", inputs: [scores], rule: "argmax", labels: [labels] });
    const two = labels.length === 2;
    const decision = two
      ? graph.add({
          kind: "combine",
          inputs: [columnOf(graph, scores, 1), columnOf(graph, scores, 0)],
          function: "subtract",
        })
      : scores;
    return {
      ...methods,
      predict: { value: hasEvenPriors(self) ? nearest : best, scalar: true },
      decision_function: { value: decision, scalar: two },
    };
  },
};

/** −distance² + 2 log prior, over columns in units of their spread within the classes (where there is any). */
function scoresOf(self: Instance, x: ValueId, { graph }: BuildContext): ValueId {
  const spread = toFloat64(arrayOf(self, "within_class_std_dev_")).map((value) => (value === 0 ? 1 : value));
  const { values, rows: count } = matrixOf(self, "centroids_");
  const points = values.map((value, at) => value / (spread[at % spread.length] as number));
  const scaled = graph.add({
    kind: "columnwise",
    inputs: [x],
    steps: [{ step: "divide", values: spread }],
    number: "f64",
  });
  const distances = graph.add({ kind: "distances", inputs: [scaled], points, count, metric: metricOf(self) });
  const squares = graph.add({ kind: "map", inputs: [distances], function: "square" });
  const negative = graph.add({ kind: "map", inputs: [squares], function: "negative" });
  const priors = toFloat64(arrayOf(self, "class_prior_")).map((prior) => 2 * Math.log(prior));
  const steps = [{ step: "add" as const, values: priors }];
  return graph.add({ kind: "columnwise", inputs: [negative], steps, number: "f64" });
}

/** numpy.isclose(prior, 1 / classes) */
function hasEvenPriors(self: Instance): boolean {
  const priors = toFloat64(arrayOf(self, "class_prior_"));
  const even = 1 / priors.length;
  return priors.every((prior) => Math.abs(prior - even) <= 1e-8 + 1e-5 * even);
}

function metricOf(self: Instance): Metric {
  const metric = attribute(self, "metric");
  if (metric === "euclidean" || metric === "manhattan") return { name: metric };
  throw unsupported(pathOf(self, "metric"), "a metric other than euclidean and manhattan");
}
