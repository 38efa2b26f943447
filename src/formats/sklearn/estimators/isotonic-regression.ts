// IsotonicRegression: one number in, a point on the fitted lines out.
import { densePlain } from "../dense-matrix.ts";
import type { EstimatorRecord } from "../estimator.ts";
import { isotonicLines } from "../isotonic-lines.ts";
import { finiteInput } from "../linear-scores.ts";
import { numericInput } from "../numeric-input.ts";

export const isotonicRegression: EstimatorRecord = {
  name: "IsotonicRegression",
  classes: ["sklearn.isotonic.IsotonicRegression"],
  fitted: ["X_min_", "X_max_"],
  exactness: "near",
  input: (self) => numericInput(self, { width: 1 }),
  toOps(self, input, context) {
    const value = isotonicLines(context.graph, self, densePlain(context.graph, finiteInput(self, input, context)));
    return { predict: { value, scalar: true }, transform: { value, scalar: true } };
  },
};
