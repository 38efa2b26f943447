// KNNImputer: a missing number is the mean of its column over the nearest fitted rows. Source: sklearn/impute/_knn.py.
import { trimaranError } from "../../../base/errors.ts";
import type { NearestFillOp } from "../../../model/ops/nearest-fill.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { checkedNumbers, denseNumbers } from "../checked-numbers.ts";
import type { EstimatorRecord } from "../estimator.ts";
import { arrayOf, attribute, booleanOf, type Instance, integerOf, pathOf, stringOf } from "../instance.ts";
import { joined, missingFlags, missingLabel } from "../missing-flags.ts";
import { numericInput } from "../numeric-input.ts";

export const knnImputer: EstimatorRecord = {
  name: "KNNImputer",
  classes: ["sklearn.impute._knn.KNNImputer"],
  fitted: ["_fit_X"],
  exactness: "loose",
  note: "within 1e-12; weights='distance' within 1e-7, as much as the library itself differs between a row and a batch; rows keep their indicator columns; of equally distant rows those that were fitted first are taken, where the library takes those that its partition meets",
  input: (self) => numericInput(self, { width: arrayOf(self, "_fit_X").shape[1] ?? 0, nullable: true }),
  toOps(self, input, context) {
    const { graph } = context;
    if (missingLabel(self) !== null)
      throw imputerError(self, "missing_values", "a KNNImputer of other missing values than NaN");
    if (stringOf(self, "metric", "nan_euclidean") !== "nan_euclidean")
      throw imputerError(self, "metric", "another metric than nan_euclidean");
    const cells = checkedNumbers(self, denseNumbers(self, input, graph), { graph, allowNaN: true });
    const points = toFloat64(arrayOf(self, "_fit_X"));
    const width = arrayOf(self, "_fit_X").shape[1] ?? 0;
    const filled = graph.add({
      kind: "nearest_fill",
      inputs: [cells],
      points,
      neighbors: integerOf(self, "n_neighbors"),
      weights: weightRule(self),
    });
    const kept = keptColumns(self, points, width);
    const columns = Int32Array.from(kept);
    const shown = kept.length === width ? filled : graph.add({ kind: "select", inputs: [filled], columns });
    const flags = missingFlags(self, cells, context);
    return { transform: { value: flags === null ? shown : joined([shown, flags], graph), scalar: false } };
  },
};

function weightRule(self: Instance): NearestFillOp["weights"] {
  const weights = attribute(self, "weights");
  if (weights === "uniform" || weights === "distance") return weights;
  throw imputerError(self, "weights", "weights of neighbours by a function");
}

/** Columns that were empty when it was fitted are left out, or are zeros. */
function keptColumns(self: Instance, points: Float64Array, width: number): readonly number[] {
  const all = Array.from({ length: width }, (_, column) => column);
  const filled = all.filter((column) => points.some((value, at) => at % width === column && !Number.isNaN(value)));
  if (filled.length === width) return all;
  if (booleanOf(self, "keep_empty_features", false)) {
    throw imputerError(self, "keep_empty_features", "a KNNImputer that keeps empty columns");
  }
  return filled;
}

function imputerError(self: Instance, name: string, what: string): Error {
  return trimaranError("MODEL_UNSUPPORTED", { path: pathOf(self, name), what, nearest: "" });
}
