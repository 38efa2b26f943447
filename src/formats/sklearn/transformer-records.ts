// Composition, preprocessing, selection and decomposition: their part of the estimator table.
import type { EstimatorRecord } from "./estimator.ts";
import { columnTransformer } from "./estimators/column-transformer.ts";
import { featureUnion } from "./estimators/feature-union.ts";
import { labelBinarizer, labelEncoder } from "./estimators/label-encoders.ts";
import { oneHotEncoder } from "./estimators/one-hot-encoder.ts";
import { ordinalEncoder } from "./estimators/ordinal-encoder.ts";
import { pipeline } from "./estimators/pipeline.ts";
import { scalers } from "./estimators/scalers.ts";
import { missingIndicator, simpleImputer } from "./estimators/simple-imputer.ts";
import { targetEncoder } from "./estimators/target-encoder.ts";

export const transformerRecords: readonly EstimatorRecord[] = [
  pipeline,
  columnTransformer,
  featureUnion,
  simpleImputer,
  missingIndicator,
  ...scalers,
  oneHotEncoder,
  ordinalEncoder,
  targetEncoder,
  labelEncoder,
  labelBinarizer,
];
