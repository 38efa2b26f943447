// Regressors that answer X · coef_ᵀ + intercept_, whatever they were fitted by.
import type { EstimatorRecord } from "../estimator.ts";
import { coefficients, linearScores } from "../linear-scores.ts";
import { numericInput } from "../numeric-input.ts";

/** Class name → its modules under `sklearn.`, newest first. */
const regressors: Readonly<Record<string, readonly string[]>> = {
  LinearRegression: ["linear_model._base", "linear_model.base"],
  Ridge: ["linear_model._ridge", "linear_model.ridge"],
  RidgeCV: ["linear_model._ridge", "linear_model.ridge"],
  Lasso: ["linear_model._coordinate_descent", "linear_model.coordinate_descent"],
  LassoCV: ["linear_model._coordinate_descent", "linear_model.coordinate_descent"],
  ElasticNet: ["linear_model._coordinate_descent", "linear_model.coordinate_descent"],
  ElasticNetCV: ["linear_model._coordinate_descent", "linear_model.coordinate_descent"],
  MultiTaskLasso: ["linear_model._coordinate_descent", "linear_model.coordinate_descent"],
  MultiTaskElasticNet: ["linear_model._coordinate_descent", "linear_model.coordinate_descent"],
  Lars: ["linear_model._least_angle", "linear_model.least_angle"],
  LassoLars: ["linear_model._least_angle", "linear_model.least_angle"],
  OrthogonalMatchingPursuit: ["linear_model._omp", "linear_model.omp"],
  BayesianRidge: ["linear_model._bayes", "linear_model.bayes"],
  ARDRegression: ["linear_model._bayes", "linear_model.bayes"],
  HuberRegressor: ["linear_model._huber", "linear_model.huber"],
  TheilSenRegressor: ["linear_model._theil_sen", "linear_model.theil_sen"],
  QuantileRegressor: ["linear_model._quantile"],
  SGDRegressor: ["linear_model._stochastic_gradient", "linear_model.stochastic_gradient"],
  PassiveAggressiveRegressor: ["linear_model._passive_aggressive", "linear_model.passive_aggressive"],
  LinearSVR: ["svm._classes", "svm.classes"],
};

/** Their `_decision_function` multiplies a sparse matrix without looking at it, so that NaN answers NaN. */
const sparseUnchecked: ReadonlySet<string> = new Set(["Lasso", "ElasticNet", "MultiTaskLasso", "MultiTaskElasticNet"]);

export const linearRegressors: readonly EstimatorRecord[] = Object.entries(regressors).map(
  ([name, modules]): EstimatorRecord => ({
    name,
    classes: modules.map((module) => `sklearn.${module}.${name}`),
    fitted: ["coef_", "intercept_"],
    exactness: "near",
    note: "exact after a sparse DictVectorizer; over dense columns the library's own last digits depend on BLAS",
    input: (self) => numericInput(self, { width: coefficients(self).width }),
    toOps(self, input, context) {
      const unchecked = sparseUnchecked.has(name) && context.graph.typeOf(input).kind === "sparse";
      const { value, flat } = linearScores(self, input, { context, checked: !unchecked });
      return { predict: { value, scalar: flat } };
    },
  }),
);
