// Normalizer divides a row by its norm; Binarizer compares with a threshold. Source: sklearn/preprocessing/_data.py.
import { trimaranError } from "../../../base/errors.ts";
import type { NormalizeRowsOp } from "../../../model/ops/normalize-rows.ts";
import { checkedNumbers, numbersType, passedInput, threshold } from "../checked-numbers.ts";
import { summedEntries } from "../dense-matrix.ts";
import type { EstimatorRecord } from "../estimator.ts";
import { attributeError, type Instance, pathOf, stringOf, wrote } from "../instance.ts";
import { step } from "../probabilities.ts";

export const normalizer: EstimatorRecord = {
  name: "Normalizer",
  classes: ["sklearn.preprocessing._data.Normalizer", "sklearn.preprocessing.data.Normalizer"],
  fitted: [],
  exactness: "near",
  note: "exact with the norms l1 and max",
  input: (self, _opener, next) => passedInput(self, next),
  toOps(self, input, { graph }) {
    const isSparse = numbersType(self, input, graph).kind === "sparse";
    const finite = checkedNumbers(self, input, { graph, allowNaN: false });
    const norm = normOf(self, isSparse);
    // Only the largest of a sparse row is found among sums.
    const checked = norm === "max" ? summedEntries(graph, finite) : finite;
    // Norms near zero count as zero from 1.0 on, but only in dense input.
    const smallest = wrote(self, 1, 0) && !isSparse ? 10 * 2 ** -52 : 0;
    const value = graph.add({ kind: "normalize_rows", inputs: [checked], norm, smallest });
    return { transform: { value, scalar: false } };
  },
};

/** Until 0.23 the largest number counted for `max`, whatever its sign. */
function normOf(self: Instance, isSparse: boolean): NormalizeRowsOp["norm"] {
  const norm = stringOf(self, "norm", "l2");
  if (norm === "l1" || norm === "l2") return norm;
  if (norm === "max" && wrote(self, 0, 24)) return "max";
  if (norm === "max" && isSparse) {
    const what = "Normalizer(norm='max') of sparse input, written before 0.24";
    throw trimaranError("MODEL_UNSUPPORTED", { path: pathOf(self, "norm"), what, nearest: "" });
  }
  if (norm === "max") return "largest";
  throw attributeError(self, "norm", "l1, l2 or max was expected");
}

export const binarizer: EstimatorRecord = {
  name: "Binarizer",
  classes: ["sklearn.preprocessing._data.Binarizer", "sklearn.preprocessing.data.Binarizer"],
  fitted: [],
  exactness: "exact",
  input: (self, _opener, next) => passedInput(self, next),
  toOps(self, input, { graph }) {
    const type = numbersType(self, input, graph);
    const checked = checkedNumbers(self, input, { graph, allowNaN: false });
    // Of a sparse row each stored number is compared, before those of one column are summed.
    const steps = [step("greater", threshold(self, "threshold", type))];
    const number = type.number === "f32" ? "f32" : "f64";
    return { transform: { value: graph.add({ kind: "columnwise", inputs: [checked], steps, number }), scalar: false } };
  },
};
