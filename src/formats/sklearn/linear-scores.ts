// What all linear models share: X · coef_ᵀ + intercept_, with NaN and infinities refused.
// Source: sklearn/linear_model/_base.py, `_decision_function` and `decision_function`.
import type { ValueId } from "../../model/value.ts";
import { isArray, type NdArray } from "../numpy/ndarray.ts";
import { readScalarArray } from "../numpy/scalar.ts";
import { isSparse, readSparse } from "../numpy/sparse.ts";
import { toFloat64 } from "../numpy/to-numbers.ts";
import { isNode } from "../pickle/tree.ts";
import type { BuildContext } from "./estimator.ts";
import { arrayOf, attribute, attributeError, type Instance, numberOf, pathOf, wrote } from "./instance.ts";

export interface Coefficients {
  /** Row-major, `outputs × width`. */
  readonly weights: Float64Array;
  readonly outputs: number;
  readonly width: number;
  /** `coef_` is 1-D. */
  readonly flat: boolean;
  /** `coef_` is float32. */
  readonly single: boolean;
}

/** `coef_` of shape (features,) or (outputs, features); also sparse, after `sparsify()`. */
export function coefficients(self: Instance, name = "coef_"): Coefficients {
  const value = attribute(self, name);
  if (isSparse(value)) return sparseCoefficients(self, name);
  const array = arrayOf(self, name);
  const [first = 0, second] = array.shape;
  const single = isSingle(array);
  if (array.shape.length === 1) return { weights: toFloat64(array), outputs: 1, width: first, flat: true, single };
  if (array.shape.length === 2 && second !== undefined) {
    return { weights: toFloat64(array), outputs: first, width: second, flat: false, single };
  }
  throw attributeError(self, name, `1 or 2 dimensions were expected, not ${array.shape.length}`);
}

function sparseCoefficients(self: Instance, name: string): Coefficients {
  const { shape, indptr, indices, data } = readSparse(attribute(self, name), pathOf(self, name));
  const [outputs = 0, width = 0] = shape;
  const weights = new Float64Array(outputs * width);
  for (let row = 0; row < outputs; row++) {
    for (let at = indptr[row] ?? 0; at < (indptr[row + 1] ?? 0); at++) {
      weights[row * width + (indices[at] ?? 0)] = data[at] ?? 0;
    }
  }
  return { weights, outputs, width, flat: false, single: false };
}

/** `intercept_`: one number for all outputs (0.0 without an intercept), or an array of one each. */
export function intercepts(self: Instance, outputs: number, name = "intercept_"): Float64Array {
  if (!isArray(attribute(self, name))) return new Float64Array(outputs).fill(numberOf(self, name));
  const values = toFloat64(arrayOf(self, name));
  if (values.length === outputs) return values;
  // Without an intercept one zero may stand for all outputs.
  if (values.length === 1 && values[0] === 0) return new Float64Array(outputs);
  throw attributeError(self, name, `${outputs} numbers were expected, not ${values.length}`);
}

export interface LinearScores {
  readonly value: ValueId;
  readonly outputs: number;
  readonly flat: boolean;
}

/** The checked input times the coefficients, plus the intercepts. */
export function linearScores(
  self: Instance,
  input: ValueId,
  { context, checked = true }: { context: BuildContext; checked?: boolean },
): LinearScores {
  const { graph } = context;
  const { weights, outputs, flat, single } = coefficients(self);
  if (!weights.every(Number.isFinite)) throw attributeError(self, "coef_", "it holds numbers that are not finite");
  const finite = checked ? finiteInput(self, input, context) : input;
  const type = graph.typeOf(finite);
  const inputs = [finite] as const;
  const intercept = intercepts(self, outputs);
  if (!intercept.every(Number.isFinite)) throw attributeError(self, "intercept_", "it is not finite");
  if (!single || (type.kind !== "dense" && type.kind !== "sparse") || type.number !== "f32") {
    return { value: graph.add({ kind: "affine", inputs, weights, intercept }), outputs, flat };
  }
  if (keepsSingle(self)) {
    const value = graph.add({ kind: "affine", inputs, weights, intercept: intercept.map(Math.fround), number: "f32" });
    return { value, outputs, flat };
  }
  const product = graph.add({ kind: "affine", inputs, weights, intercept: new Float64Array(outputs), number: "f32" });
  const steps = [{ step: "add" as const, values: intercept }];
  return { value: graph.add({ kind: "columnwise", inputs: [product], steps, number: "f64" }), outputs, flat };
}

function isSingle({ dtype }: NdArray): boolean {
  return dtype.kind === "f" && dtype.itemsize === 4;
}

/**
 * Whether float32 numbers plus `intercept_` are float32: with an array by its type, with Python's own number always, and
 * with numpy's scalar always until numpy 2, which came with 1.6.
 */
function keepsSingle(self: Instance): boolean {
  const value = attribute(self, "intercept_");
  const array = isNode(value) ? readScalarArray(value) : undefined;
  if (array === undefined || isSingle(array)) return true;
  return array.shape.length === 0 && !wrote(self, 1, 6);
}

/** The input, with rows refused that hold NaN or an infinity. */
export function finiteInput(self: Instance, input: ValueId, { graph }: BuildContext): ValueId {
  const estimator = self.className.slice(self.className.lastIndexOf(".") + 1);
  return graph.add({ kind: "require_finite", inputs: [input], allowNaN: false, allowInfinite: false, estimator });
}
