// PLSRegression. Source: sklearn/cross_decomposition/_pls.py; what `coef_` means changed in 1.1, 1.3 and 1.5.
import type { ColumnStep } from "../../../model/ops/columnwise.ts";
import { toFloat64 } from "../../numpy/to-numbers.ts";
import { denseFinite, matrixOf, transposed } from "../dense-matrix.ts";
import type { EstimatorRecord, Methods } from "../estimator.ts";
import { arrayOf, booleanOf, firstOf, type Instance, wrote } from "../instance.ts";
import { intercepts } from "../linear-scores.ts";
import { numericInput } from "../numeric-input.ts";

export const plsRegression: EstimatorRecord = {
  name: "PLSRegression",
  classes: ["sklearn.cross_decomposition._pls.PLSRegression", "sklearn.cross_decomposition.pls_.PLSRegression"],
  fitted: ["x_rotations_"],
  exactness: "near",
  input: (self) => numericInput(self, { width: matrixOf(self, "x_rotations_").rows }),
  toOps(self, input, context): Methods {
    const { graph } = context;
    const x = denseFinite(self, input, context);
    const mean: ColumnStep = { step: "subtract", values: fittedNumbers(self, "x_mean") };
    const scaled: ColumnStep[] = [mean, { step: "divide", values: fittedNumbers(self, "x_std") }];
    const standard = graph.add({ kind: "columnwise", inputs: [x], steps: scaled, number: "f64" });
    const centered = graph.add({ kind: "columnwise", inputs: [x], steps: [mean], number: "f64" });
    // From 1.5 on the coefficients are those of the unscaled columns.
    const own = wrote(self, 1, 5) ? centered : standard;
    const rotations = transposed(matrixOf(self, "x_rotations_"));
    return {
      predict: {
        value: graph.add({ kind: "affine", inputs: [own], ...coefficients(self) }),
        scalar: booleanOf(self, "_predict_1d", false),
      },
      transform: {
        value: graph.add({
          kind: "affine",
          inputs: [standard],
          weights: rotations.values,
          intercept: new Float64Array(rotations.rows),
        }),
        scalar: false,
      },
    };
  },
};

/** Until 1.2 `coef_` is one row a feature (in 1.1 and 1.2 `_coef_` is already turned), until 1.0 the mean is the intercept. */
function coefficients(self: Instance): { readonly weights: Float64Array; readonly intercept: Float64Array } {
  if (!wrote(self, 1, 1)) {
    return { weights: transposed(matrixOf(self, "coef_")).values, intercept: fittedNumbers(self, "y_mean") };
  }
  const { values, rows } = matrixOf(self, wrote(self, 1, 3) ? "coef_" : "_coef_");
  return { weights: values, intercept: intercepts(self, rows) };
}

/** `_x_mean`, which was `x_mean_` until 0.23. */
function fittedNumbers(self: Instance, name: string): Float64Array {
  return toFloat64(arrayOf(self, firstOf(self, [`_${name}`, `${name}_`])));
}
