// PCA, IncrementalPCA and TruncatedSVD: a row times the components. Source: sklearn/decomposition/_base.py, _truncated_svd.py.
import { trimaranError } from "../../../base/errors.ts";
import type { GraphBuilder } from "../../../model/graph-builder.ts";
import type { ColumnStep } from "../../../model/ops/columnwise.ts";
import type { ValueId } from "../../../model/value.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { checkedNumbers, denseNumbers, numbersType } from "../checked-numbers.ts";
import type { EstimatorRecord } from "../estimator.ts";
import { arrayOf, attributeError, booleanOf, has, type Instance, wrote } from "../instance.ts";
import { coefficients } from "../linear-scores.ts";
import { numericInput } from "../numeric-input.ts";
import { maxPrecisionWidth, type Precision, principalPrecision } from "../principal-precision.ts";
import { step } from "../probabilities.ts";

export const principalComponents: readonly EstimatorRecord[] = [
  ["PCA", ["sklearn.decomposition._pca.PCA", "sklearn.decomposition.pca.PCA"]] as const,
  [
    "IncrementalPCA",
    ["sklearn.decomposition._incremental_pca.IncrementalPCA", "sklearn.decomposition.incremental_pca.IncrementalPCA"],
  ] as const,
].map(
  ([name, classes]): EstimatorRecord => ({
    name,
    classes,
    fitted: ["components_", "mean_"],
    exactness: "near",
    ...(name === "PCA" ? { note: "score_samples of one that was fitted on float32 within 1e-6" } : {}),
    input: (self) => numericInput(self, { width: coefficients(self, "components_").width }),
    toOps(self, input, { graph }) {
      // PCA takes sparse rows from 1.4 on; IncrementalPCA fills them up from 0.22 on.
      const isSparse = numbersType(self, input, graph).kind === "sparse";
      if (isSparse && !(name === "PCA" ? wrote(self, 1, 4) : wrote(self, 0, 22))) {
        throw trimaranError("MODEL_UNSUPPORTED", { path: self.path, what: `${name} of sparse input`, nearest: "" });
      }
      const { weights, outputs, width, single } = coefficients(self, "components_");
      const mean = has(self, "mean_") ? toFloat64(arrayOf(self, "mean_")) : new Float64Array(width);
      if (mean.length !== width) throw attributeError(self, "mean_", `${width} numbers were expected`);
      const rows = isSparse && name !== "PCA" ? denseNumbers(self, input, graph) : input;
      const checked = checkedNumbers(self, rows, { graph, allowNaN: false });
      // Until 1.4 the row was centred, from 1.5 its product is, and that of a sparse row always.
      const after = wrote(self, 1, 5) || (isSparse && name === "PCA");
      const centring: ColumnStep[] = [{ step: "subtract", values: mean }];
      const centred = after
        ? checked
        : graph.add({ kind: "columnwise", inputs: [checked], steps: centring, number: "f64" });
      const product = graph.add({ kind: "affine", inputs: [centred], weights, intercept: new Float64Array(outputs) });
      const steps: ColumnStep[] = after
        ? [{ step: "subtract", values: products(mean, { weights, outputs, width, single }) }]
        : [];
      if (booleanOf(self, "whiten", false)) steps.push({ step: "divide", values: deviations(self, outputs) });
      const value =
        steps.length === 0 ? product : graph.add({ kind: "columnwise", inputs: [product], steps, number: "f64" });
      const transform = { value, scalar: false };
      const precision = name !== "PCA" || isSparse || width > maxPrecisionWidth ? null : principalPrecision(self);
      if (precision === null) return { transform };
      const likelihood = logLikelihood(precision, checked, { graph, mean });
      return { transform, score_samples: { value: likelihood, scalar: true } };
    },
  }),
);

interface LikelihoodOptions {
  readonly graph: GraphBuilder;
  readonly mean: Float64Array;
}

/** log p(x) = −½ (x − mean)ᵀ P (x − mean) − ½ (width · log 2π − log det P). */
function logLikelihood(
  { matrix, logDeterminant }: Precision,
  input: ValueId,
  { graph, mean }: LikelihoodOptions,
): ValueId {
  const width = mean.length;
  const centring: ColumnStep[] = [{ step: "subtract", values: mean }];
  const centred = graph.add({ kind: "columnwise", inputs: [input], steps: centring, number: "f64" });
  const product = graph.add({ kind: "affine", inputs: [centred], weights: matrix, intercept: new Float64Array(width) });
  const terms = graph.add({ kind: "combine", inputs: [centred, product], function: "multiply" });
  const sum = graph.add({ kind: "row_sum", inputs: [terms] });
  const constant = 0.5 * (width * Math.log(2 * Math.PI) - logDeterminant);
  const steps = [step("multiply", -0.5), step("subtract", constant)];
  return graph.add({ kind: "columnwise", inputs: [sum], steps, number: "f64" });
}

interface Matrix {
  readonly weights: Float64Array;
  readonly outputs: number;
  readonly width: number;
  /** Of float32. */
  readonly single: boolean;
}

/** Of float32 by float32 in float32, as the library multiplies them. */
function products(row: Float64Array, { weights, outputs, width, single }: Matrix): Float64Array {
  const kept = single ? Math.fround : (value: number): number => value;
  return Float64Array.from({ length: outputs }, (_, output) => {
    let sum = 0;
    for (let column = 0; column < width; column++) {
      sum = kept(sum + kept((row[column] as number) * (weights[output * width + column] as number)));
    }
    return sum;
  });
}

/** The square roots of the explained variances; from 1.5 on never below the smallest step from 1. */
function deviations(self: Instance, outputs: number): Float64Array {
  const variances = toFloat64(arrayOf(self, "explained_variance_"));
  if (variances.length !== outputs)
    throw attributeError(self, "explained_variance_", `${outputs} numbers were expected`);
  const { dtype } = arrayOf(self, "explained_variance_");
  const single = dtype.kind === "f" && dtype.itemsize === 4;
  const least = wrote(self, 1, 5) ? 2 ** (single ? -23 : -52) : 0;
  return variances.map((variance) => {
    const root = Math.sqrt(variance);
    return Math.max(single ? Math.fround(root) : root, least);
  });
}

export const truncatedSVD: EstimatorRecord = {
  name: "TruncatedSVD",
  classes: ["sklearn.decomposition._truncated_svd.TruncatedSVD", "sklearn.decomposition.truncated_svd.TruncatedSVD"],
  fitted: ["components_"],
  exactness: "near",
  input: (self) => numericInput(self, { width: coefficients(self, "components_").width }),
  toOps(self, input, { graph }) {
    const { weights, outputs } = coefficients(self, "components_");
    const checked = checkedNumbers(self, input, { graph, allowNaN: false });
    const value = graph.add({ kind: "affine", inputs: [checked], weights, intercept: new Float64Array(outputs) });
    return { transform: { value, scalar: false } };
  },
};
