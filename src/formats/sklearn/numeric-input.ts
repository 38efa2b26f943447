// The input of an estimator that takes a matrix of numbers, from the names or the count that `fit` stored.

import { trimaranError } from "../../base/errors.ts";
import type { InputColumn, ModelInput } from "../../data/model-input.ts";
import { isArray } from "../numpy/ndarray.ts";
import { toStrings } from "../numpy/to-strings.ts";
import { arrayOf, attribute, attributeError, has, type Instance, integerOf, pathOf } from "./instance.ts";

export interface NumericInputOptions {
  /** Feature count, where the object itself does not store it. */
  readonly width?: number;
  readonly nullable?: boolean;
}

/** `feature_names_in_` (1.0+) names the columns; otherwise they are positions. @throws MODEL_UNFITTED */
export function numericInput(self: Instance, options: NumericInputOptions = {}): ModelInput {
  const width = options.width ?? featureCount(self);
  if (has(self, "n_features_in_") && featureCount(self) !== width) {
    throw attributeError(self, "n_features_in_", `the fitted numbers are of ${width} features`);
  }
  if (width < 0 || width > maxFeatures)
    throw attributeError(self, "n_features_in_", `0 to ${maxFeatures} features were expected`);
  const nullable = options.nullable ?? false;
  const names = isArray(attribute(self, "feature_names_in_")) ? toStrings(arrayOf(self, "feature_names_in_")) : null;
  const named = names !== null && names.length === width && new Set(names).size === width;
  const columns: InputColumn[] = [];
  for (let i = 0; i < width; i++)
    columns.push({ name: named ? (names[i] ?? "") : String(i), type: "number", nullable });
  return { kind: "matrix", named, columns };
}

/** More columns than people feed a model by position; each takes memory. */
const maxFeatures = 1 << 20;

export function featureCount(self: Instance): number {
  for (const name of ["n_features_in_", "n_features_", "_n_features"]) {
    if (!has(self, name)) continue;
    const count = integerOf(self, name);
    // A few bytes can name any number of columns.
    if (count < 0 || count > maxFeatures)
      throw attributeError(self, name, `0 to ${maxFeatures} features were expected`);
    return count;
  }
  throw trimaranError("MODEL_UNFITTED", {
    path: pathOf(self, "n_features_in_"),
    estimator: self.className.split(".").at(-1) ?? "",
    attribute: "n_features_in_",
  });
}
