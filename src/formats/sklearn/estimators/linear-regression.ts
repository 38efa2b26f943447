// LinearRegression: X · coefᵀ + intercept. Source: sklearn/linear_model/_base.py.

import { isArray } from "../../numpy/ndarray.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import type { EstimatorRecord } from "../estimator.ts";
import { arrayOf, attribute, attributeError, type Instance, numberOf } from "../instance.ts";
import { numericInput } from "../numeric-input.ts";

export const linearRegression: EstimatorRecord = {
  name: "LinearRegression",
  classes: ["sklearn.linear_model._base.LinearRegression", "sklearn.linear_model.base.LinearRegression"],
  fitted: ["coef_", "intercept_"],
  exactness: "near",
  note: "exact after a sparse DictVectorizer; over dense columns the library's own last digits depend on BLAS",
  input: (self) => numericInput(self, { width: coefficients(self).width }),
  toOps(self, input, { graph }) {
    const { weights, outputs, scalar } = coefficients(self);
    const finite = graph.add({
      kind: "require_finite",
      inputs: [input],
      allowNaN: false,
      allowInfinite: false,
      estimator: "LinearRegression",
    });
    const value = graph.add({ kind: "affine", inputs: [finite], weights, intercept: intercepts(self, outputs) });
    return { predict: { value, scalar } };
  },
};

interface Coefficients {
  readonly weights: Float64Array;
  readonly outputs: number;
  readonly width: number;
  /** `coef_` is 1-D: a row's answer is a bare number. */
  readonly scalar: boolean;
}

/** `coef_` of shape (features,) or (outputs, features). */
function coefficients(self: Instance): Coefficients {
  const array = arrayOf(self, "coef_");
  const [first = 0, second] = array.shape;
  if (array.shape.length === 1) return { weights: toFloat64(array), outputs: 1, width: first, scalar: true };
  if (array.shape.length === 2 && second !== undefined) {
    return { weights: toFloat64(array), outputs: first, width: second, scalar: false };
  }
  throw attributeError(self, "coef_", `1 or 2 dimensions were expected, not ${array.shape.length}`);
}

/** `intercept_`: one number for all outputs (0.0 without an intercept), or an array of one each. */
function intercepts(self: Instance, outputs: number): Float64Array {
  if (!isArray(attribute(self, "intercept_"))) return new Float64Array(outputs).fill(numberOf(self, "intercept_"));
  const values = toFloat64(arrayOf(self, "intercept_"));
  if (values.length === outputs) return values;
  if (values.length === 1) return new Float64Array(outputs).fill(values[0] ?? 0);
  throw attributeError(self, "intercept_", `${outputs} numbers were expected, not ${values.length}`);
}
