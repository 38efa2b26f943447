// The starts of gradient boosting until 0.20: small objects that hold the raw scores themselves.
// Source: sklearn/ensemble/gradient_boosting.py of 0.20.

import { isArray } from "../numpy/ndarray.ts";
import { toFloat64 } from "../numpy/to-numbers.ts";
import type { PyValue } from "../pickle/tree.ts";
import { arrayOf, attribute, attributeError, type Instance, instanceOf, numberOf, pathOf } from "./instance.ts";

export const oldStartModule = "sklearn.ensemble.gradient_boosting";

/** Which attribute holds the scores; null: they are zeros. */
const scoreAttributes: Readonly<Record<string, string | null>> = {
  QuantileEstimator: "quantile",
  MeanEstimator: "mean",
  LogOddsEstimator: "prior",
  ScaledLogOddsEstimator: "prior",
  PriorProbabilityEstimator: "priors",
  ZeroEstimator: null,
};

export const oldStartNames: readonly string[] = Object.keys(scoreAttributes);

/** The raw scores that every row starts from, or null where `init_` is no such object. @throws MODEL_ATTRIBUTE */
export function oldStart(self: Instance, init: PyValue | undefined, outputs: number): Float64Array | null {
  const start = instanceOf(init, pathOf(self, "init_"), self);
  if (start === undefined || !start.className.startsWith(`${oldStartModule}.`)) return null;
  const name = scoreAttributes[start.className.slice(oldStartModule.length + 1)];
  if (name === undefined) return null;
  if (name === null) return new Float64Array(outputs);
  const scores = isArray(attribute(start, name))
    ? toFloat64(arrayOf(start, name))
    : Float64Array.of(numberOf(start, name));
  if (scores.length !== outputs) throw attributeError(start, name, `${outputs} numbers were expected`);
  return scores;
}
