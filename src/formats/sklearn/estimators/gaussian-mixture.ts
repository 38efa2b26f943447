// GaussianMixture and BayesianGaussianMixture. Source: sklearn/mixture/_gaussian_mixture.py, _bayesian_mixture.py.
import type { GraphBuilder } from "../../../model/graph-builder.ts";
import type { ColumnStep } from "../../../model/ops/columnwise.ts";
import type { ValueId } from "../../../model/value.ts";
import { readArray } from "../../numpy/ndarray.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { isNode } from "../../pickle/tree.ts";
import { denseFinite, type Matrix, matrixOf, transposed } from "../dense-matrix.ts";
import { digamma } from "../digamma.ts";
import type { EstimatorRecord, Methods } from "../estimator.ts";
import { arrayOf, attribute, attributeError, type Instance, pathOf, stringOf } from "../instance.ts";
import { normalizedLogs } from "../log-likelihoods.ts";
import { unsupported } from "../member-answers.ts";
import { numericInput } from "../numeric-input.ts";
import { pairwiseTotal } from "../pairwise-total.ts";
import { step } from "../probabilities.ts";
import { countedLabels } from "./k-means.ts";

function mixture(name: string, modules: readonly string[], constants: Constants): EstimatorRecord {
  return {
    name,
    classes: modules.map((module) => `sklearn.mixture.${module}.${name}`),
    fitted: ["means_", "precisions_cholesky_", "weights_"],
    exactness: "loose",
    note: "within 1e-9 of the largest score of a row; within 1e-5 where the file keeps float32 numbers, of which the library makes its constants in float32",
    input: (self) => numericInput(self, { width: matrixOf(self, "means_").columns }),
    toOps(self, input, context): Methods {
      const { graph } = context;
      const means = matrixOf(self, "means_");
      const squares = squaredDistances(graph, self, { x: denseFinite(self, input, context), means });
      const steps: ColumnStep[] = [
        step("add", means.columns * Math.log(2 * Math.PI)),
        step("multiply", -0.5),
        { step: "add", values: logDeterminants(self, means) },
        ...constants(self, means).map((values): ColumnStep => ({ step: "add", values })),
      ];
      const scores = graph.add({ kind: "columnwise", inputs: [squares], steps, number: "f64" });
      const logs = normalizedLogs(graph, scores);
      const labels = [countedLabels(means.rows)];
      return {
        predict: { value: graph.add({ kind: "label", inputs: [scores], rule: "argmax", labels }), scalar: true },
        predict_proba: { value: graph.add({ kind: "map", inputs: [logs], function: "exp" }), scalar: false },
        score_samples: { value: graph.add({ kind: "log_sum_exp", inputs: [scores] }), scalar: true },
      };
    },
  };
}

/** What is added to each component's log density. */
type Constants = (self: Instance, means: Matrix) => readonly Float64Array[];

const weightLogs: Constants = (self, { rows }) => [perComponent(self, "weights_", rows).map(Math.log)];

const bayesianConstants: Constants = (self, { rows, columns }) => {
  const freedom = perComponent(self, "degrees_of_freedom_", rows);
  const precision = perComponent(self, "mean_precision_", rows);
  const spread = freedom.map((value) => -0.5 * columns * Math.log(value));
  const lambda = freedom.map((value, at) => {
    let sum = 0;
    for (let column = 0; column < columns; column++) sum += digamma(0.5 * (value - column));
    return 0.5 * (columns * Math.LN2 + sum - columns / (precision[at] as number));
  });
  return [spread, lambda, concentrationLogs(self, rows)];
};

/** `weight_concentration_`: (a, b) of a Dirichlet process, or the numbers of a Dirichlet distribution. */
function concentrationLogs(self: Instance, rows: number): Float64Array {
  const value = attribute(self, "weight_concentration_");
  if (stringOf(self, "weight_concentration_prior_type") !== "dirichlet_process") {
    const concentration = perComponent(self, "weight_concentration_", rows);
    const all = digamma(pairwiseTotal(concentration));
    return concentration.map((each) => digamma(each) - all);
  }
  if (!isNode(value) || value.kind !== "tuple" || value.items.length !== 2) {
    throw attributeError(self, "weight_concentration_", "two arrays were expected");
  }
  const [a, b] = value.items.map((item) => toFloat64(readPart(item, self))) as [Float64Array, Float64Array];
  let rest = 0;
  return a.map((each, at) => {
    const both = digamma(each + (b[at] as number));
    const log = digamma(each) - both + rest;
    rest += digamma(b[at] as number) - both;
    return log;
  });
}

function readPart(item: Parameters<typeof readArray>[0], self: Instance): ReturnType<typeof readArray> {
  return readArray(item, pathOf(self, "weight_concentration_"));
}

function perComponent(self: Instance, name: string, rows: number): Float64Array {
  const values = toFloat64(arrayOf(self, name));
  if (values.length !== rows) throw attributeError(self, name, `${rows} numbers were expected, not ${values.length}`);
  return values;
}

interface Densities {
  readonly x: ValueId;
  readonly means: Matrix;
}

/** One column a component: the squared distance to its mean in units of its spread. */
function squaredDistances(graph: GraphBuilder, self: Instance, { x, means }: Densities): ValueId {
  const { values: points, rows: count, columns } = means;
  const cholesky = choleskyOf(self, means);
  const type = covarianceType(self);
  if (type === "diag" || type === "spherical") {
    const scales = points.map((_, at) => {
      const precision = cholesky[type === "diag" ? at : Math.floor(at / columns)] as number;
      return 1 / (precision * precision);
    });
    return graph.add({ kind: "distances", inputs: [x], points, count, metric: { name: "squared", scales } });
  }
  const parts = Array.from({ length: count }, (_, component): ValueId => {
    const start = type === "tied" ? 0 : component * columns * columns;
    const own = { values: cholesky.subarray(start, start + columns * columns), rows: columns, columns };
    const turned = rotated(own, points.subarray(component * columns, (component + 1) * columns));
    const y = graph.add({ kind: "affine", inputs: [x], ...turned });
    return graph.add({ kind: "row_sum", inputs: [graph.add({ kind: "map", inputs: [y], function: "square" })] });
  });
  return graph.add({ kind: "concat", inputs: parts });
}

/** x · P − mean · P */
function rotated(p: Matrix, mean: Float64Array): { readonly weights: Float64Array; readonly intercept: Float64Array } {
  const weights = transposed(p).values;
  const intercept = mean.map(
    (_, output) => -mean.reduce((sum, value, at) => sum + value * (p.values[at * p.columns + output] as number), 0),
  );
  return { weights, intercept };
}

type CovarianceType = "full" | "tied" | "diag" | "spherical";

function covarianceType(self: Instance): CovarianceType {
  const type = stringOf(self, "covariance_type");
  if (type === "full" || type === "tied" || type === "diag" || type === "spherical") return type;
  throw unsupported(pathOf(self, "covariance_type"), `the covariance type ${type}`);
}

function choleskyOf(self: Instance, { rows, columns }: Matrix): Float64Array {
  const sizes: Readonly<Record<CovarianceType, number>> = {
    full: rows * columns * columns,
    tied: columns * columns,
    diag: rows * columns,
    spherical: rows,
  };
  return perComponent(self, "precisions_cholesky_", sizes[covarianceType(self)]);
}

/** The logarithms of the determinants of the precisions' Cholesky factors, one a component. */
function logDeterminants(self: Instance, means: Matrix): Float64Array {
  const { rows, columns } = means;
  const cholesky = choleskyOf(self, means);
  const diagonal = (start: number, stride: number): number =>
    pairwiseTotal(Float64Array.from({ length: columns }, (_, at) => Math.log(cholesky[start + at * stride] as number)));
  return Float64Array.from({ length: rows }, (_, component) => {
    switch (covarianceType(self)) {
      case "full":
        return diagonal(component * columns * columns, columns + 1);
      case "tied":
        return diagonal(0, columns + 1);
      case "diag":
        return diagonal(component * columns, 1);
      case "spherical":
        return columns * Math.log(cholesky[component] as number);
    }
  });
}

export const gaussianMixtures: readonly EstimatorRecord[] = [
  mixture("GaussianMixture", ["_gaussian_mixture", "gaussian_mixture"], weightLogs),
  mixture("BayesianGaussianMixture", ["_bayesian_mixture", "bayesian_mixture"], bayesianConstants),
];
