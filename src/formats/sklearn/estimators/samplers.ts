// The samplers of imbalanced-learn: they drew other rows to fit on, and do nothing to a row that is asked about.
import { trimaranError } from "../../../base/errors.ts";
import { passedInput } from "../checked-numbers.ts";
import type { EstimatorRecord } from "../estimator.ts";
import type { Instance } from "../instance.ts";
import { shortName } from "../tree-rules.ts";

/** Module under `imblearn.` → its classes. */
const samplers: Readonly<Record<string, readonly string[]>> = {
  "over_sampling._random_over_sampler": ["RandomOverSampler"],
  "over_sampling._smote.base": ["SMOTE", "SMOTEN", "SMOTENC"],
  "over_sampling._smote.filter": ["BorderlineSMOTE", "SVMSMOTE"],
  "over_sampling._smote.cluster": ["KMeansSMOTE"],
  "over_sampling._smote": ["SMOTE", "SMOTENC", "BorderlineSMOTE", "SVMSMOTE", "KMeansSMOTE"],
  "over_sampling._adasyn": ["ADASYN"],
  "under_sampling._prototype_generation._cluster_centroids": ["ClusterCentroids"],
  "under_sampling._prototype_selection._condensed_nearest_neighbour": ["CondensedNearestNeighbour"],
  "under_sampling._prototype_selection._edited_nearest_neighbours": [
    ...["AllKNN", "EditedNearestNeighbours", "RepeatedEditedNearestNeighbours"],
  ],
  "under_sampling._prototype_selection._instance_hardness_threshold": ["InstanceHardnessThreshold"],
  "under_sampling._prototype_selection._nearmiss": ["NearMiss"],
  "under_sampling._prototype_selection._neighbourhood_cleaning_rule": ["NeighbourhoodCleaningRule"],
  "under_sampling._prototype_selection._one_sided_selection": ["OneSidedSelection"],
  "under_sampling._prototype_selection._random_under_sampler": ["RandomUnderSampler"],
  "under_sampling._prototype_selection._tomek_links": ["TomekLinks"],
  "combine._smote_enn": ["SMOTEENN"],
  "combine._smote_tomek": ["SMOTETomek"],
};

export const sampler: EstimatorRecord = {
  name: "samplers of imbalanced-learn",
  classes: Object.entries(samplers).flatMap(([module, names]) => names.map((name) => `imblearn.${module}.${name}`)),
  fitted: [],
  exactness: "exact",
  note: "inside of imblearn.pipeline.Pipeline, where they do nothing to a row",
  takesTables: true,
  input(self, _opener, next) {
    assertInside(self);
    return passedInput(self, next);
  },
  toOps(self, input) {
    assertInside(self);
    return { transform: { value: input, scalar: false } };
  },
};

function assertInside(self: Instance): void {
  if (self.path !== "") return;
  throw trimaranError("MODEL_UNSUPPORTED", { path: "the root", what: `${shortName(self)} alone`, nearest: "" });
}
