// GridSearchCV and its kin, fitted: the best estimator, which was fitted again on everything.
// Source: sklearn/model_selection/_search.py.
import { applyEstimator } from "../apply-estimator.ts";
import type { EstimatorRecord, OpenedEstimator, Opener } from "../estimator.ts";
import { attribute, type Instance, pathOf } from "../instance.ts";

const classes: Readonly<Record<string, string>> = {
  GridSearchCV: "_search",
  RandomizedSearchCV: "_search",
  HalvingGridSearchCV: "_search_successive_halving",
  HalvingRandomSearchCV: "_search_successive_halving",
};

export const searches: readonly EstimatorRecord[] = Object.entries(classes).map(
  ([name, module]): EstimatorRecord => ({
    name,
    classes: [`sklearn.model_selection.${module}.${name}`],
    fitted: ["best_estimator_"],
    exactness: "exact",
    note: "as exact as its best estimator",
    takesTables: true,
    input(self, opener, next) {
      const { instance, record } = best(self, opener);
      return record.input(instance, opener, next);
    },
    toOps: (self, input, context) => applyEstimator(best(self, context), input, context),
  }),
);

function best(self: Instance, opener: Opener): OpenedEstimator {
  return opener.open(attribute(self, "best_estimator_"), pathOf(self, "best_estimator_"), self);
}
