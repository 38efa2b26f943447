// Normalizer divides a row by its norm; Binarizer compares with a threshold. Source: sklearn/preprocessing/_data.py.
import { trimaranError } from "../../../base/errors.ts";
import type { NormalizeRowsOp } from "../../../model/ops/normalize-rows.ts";
import { checkedNumbers, denseNumbers, numbersType, passedInput } from "../checked-numbers.ts";
import type { EstimatorRecord } from "../estimator.ts";
import { attributeError, type Instance, numberOf, pathOf, stringOf, wrote } from "../instance.ts";
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
    const checked = checkedNumbers(self, input, { graph, allowNaN: false });
    // Norms near zero count as zero from 1.0 on, but only in dense input.
    const smallest = wrote(self, 1, 0) && !isSparse ? 10 * 2 ** -52 : 0;
    const value = graph.add({ kind: "normalize_rows", inputs: [checked], norm: normOf(self, isSparse), smallest });
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
    const checked = checkedNumbers(self, denseNumbers(self, input, graph), { graph, allowNaN: false });
    const steps = [step("greater", numberOf(self, "threshold", 0))];
    const number = type.number === "f32" ? "f32" : "f64";
    const value = graph.add({ kind: "columnwise", inputs: [checked], steps, number });
    const shown = type.kind === "sparse" ? graph.add({ kind: "sparsify", inputs: [value] }) : value;
    return { transform: { value: shown, scalar: false } };
  },
};
