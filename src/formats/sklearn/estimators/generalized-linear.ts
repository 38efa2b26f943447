// Poisson, Gamma and Tweedie regression: the inverse link of the linear predictor.
// Source: sklearn/linear_model/_glm/glm.py.
import type { EstimatorRecord } from "../estimator.ts";
import { attributeError, type Instance, numberOf, stringOf } from "../instance.ts";
import { coefficients, linearScores } from "../linear-scores.ts";
import { numericInput } from "../numeric-input.ts";

export const generalizedLinear: readonly EstimatorRecord[] = [
  "PoissonRegressor",
  "GammaRegressor",
  "TweedieRegressor",
].map(
  (name): EstimatorRecord => ({
    name,
    classes: [`sklearn.linear_model._glm.glm.${name}`],
    fitted: ["coef_", "intercept_"],
    exactness: "near",
    input: (self) => numericInput(self, { width: coefficients(self).width }),
    toOps(self, input, context) {
      const { value } = linearScores(self, input, { context });
      if (!hasLogLink(self, name)) return { predict: { value, scalar: true } };
      return { predict: { value: context.graph.add({ kind: "map", inputs: [value], function: "exp" }), scalar: true } };
    },
  }),
);

/** Tweedie's `link="auto"` is the identity up to power 0 and the logarithm beyond. */
function hasLogLink(self: Instance, name: string): boolean {
  if (name !== "TweedieRegressor") return true;
  const link = stringOf(self, "link", "auto");
  if (!["auto", "identity", "log"].includes(link)) throw attributeError(self, "link", "it is unknown");
  return link === "auto" ? numberOf(self, "power", 0) > 0 : link === "log";
}
