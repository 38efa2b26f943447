// Estimators that hand everything on to the one that they hold: FrozenEstimator, RANSACRegressor.
import type { EstimatorRecord, Methods } from "../estimator.ts";
import { attribute, pathOf } from "../instance.ts";
import { attributeInput, openMember } from "../member-answers.ts";

export const frozenEstimator: EstimatorRecord = {
  name: "FrozenEstimator",
  classes: ["sklearn.frozen._frozen.FrozenEstimator"],
  fitted: ["estimator"],
  exactness: "exact",
  note: "as exact as its estimator",
  takesTables: true,
  input: (self, opener) => attributeInput(self, "estimator", opener),
  toOps: (self, input, context): Methods =>
    openMember(attribute(self, "estimator"), pathOf(self, "estimator"), { owner: self, input, context }).methods,
};

export const ransacRegressor: EstimatorRecord = {
  name: "RANSACRegressor",
  classes: ["sklearn.linear_model._ransac.RANSACRegressor", "sklearn.linear_model.ransac.RANSACRegressor"],
  fitted: ["estimator_"],
  exactness: "near",
  note: "as exact as its estimator",
  takesTables: true,
  input: (self, opener) => attributeInput(self, "estimator_", opener),
  toOps(self, input, context): Methods {
    const path = pathOf(self, "estimator_");
    const { predict } = openMember(attribute(self, "estimator_"), path, { owner: self, input, context }).methods;
    return predict === undefined ? {} : { predict };
  },
};
