// What `features` gives for a row: one row of features for every model, or with a record of models one a name.
import type { FeatureRow } from "../data/batch.ts";

export type NamedFeatures = Readonly<Record<string, FeatureRow>>;
export type ModelFeatures = FeatureRow | NamedFeatures;

/** Features that are guarded hold either cells only or objects only. */
export function isNamed(features: ModelFeatures): features is NamedFeatures {
  for (const name in features) {
    const value: unknown = features[name];
    return typeof value === "object" && value !== null;
  }
  return false;
}

/** The features of the model of that name. */
export function featuresOf(features: ModelFeatures, name: string): FeatureRow {
  return isNamed(features) ? features[name]! : features;
}
