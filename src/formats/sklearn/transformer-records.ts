// Composition, preprocessing, selection and decomposition: their part of the estimator table.
import type { EstimatorRecord } from "./estimator.ts";
import { kBinsDiscretizer } from "./estimators/bins-discretizer.ts";
import { columnTransformer } from "./estimators/column-transformer.ts";
import { principalComponents, truncatedSVD } from "./estimators/decompositions.ts";
import { featureSelectors } from "./estimators/feature-selectors.ts";
import { featureUnion } from "./estimators/feature-union.ts";
import { functionTransformer } from "./estimators/function-transformer.ts";
import { knnImputer } from "./estimators/knn-imputer.ts";
import { labelBinarizer, labelEncoder } from "./estimators/label-encoders.ts";
import { oneHotEncoder } from "./estimators/one-hot-encoder.ts";
import { ordinalEncoder } from "./estimators/ordinal-encoder.ts";
import { pipeline } from "./estimators/pipeline.ts";
import { polynomialFeatures } from "./estimators/polynomial-features.ts";
import { powerTransformer } from "./estimators/power-transformer.ts";
import { quantileTransformer } from "./estimators/quantile-transformer.ts";
import { binarizer, normalizer } from "./estimators/row-scalers.ts";
import { sampler } from "./estimators/samplers.ts";
import { scalers } from "./estimators/scalers.ts";
import { searches } from "./estimators/searches.ts";
import { missingIndicator, simpleImputer } from "./estimators/simple-imputer.ts";
import { splineTransformer } from "./estimators/spline-transformer.ts";
import { targetEncoder } from "./estimators/target-encoder.ts";
import { transformedTargetRegressor } from "./estimators/transformed-target.ts";

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
  normalizer,
  binarizer,
  powerTransformer,
  kBinsDiscretizer,
  polynomialFeatures,
  splineTransformer,
  functionTransformer,
  quantileTransformer,
  knnImputer,
  ...principalComponents,
  truncatedSVD,
  ...featureSelectors,
  transformedTargetRegressor,
  ...searches,
  sampler,
];
