// Every estimator that is read, in one list; the allow-list of classes is derived from it.
import { type AllowedGlobal, allow } from "../pickle/allow-list.ts";
import { boosterNames } from "./boosters/booster-names.ts";
import { lightgbmRecords } from "./boosters/lightgbm.ts";
import { xgboostRecords } from "./boosters/xgboost.ts";
import { boostingNames } from "./boosting-names.ts";
import { carriedNames } from "./carried-names.ts";
import type { EstimatorRecord } from "./estimator.ts";
import { adaBoost } from "./estimators/ada-boost.ts";
import { baggingClassifier, baggingRegressor } from "./estimators/bagging.ts";
import { calibratedClassifierCV } from "./estimators/calibrated-classifier.ts";
import { classifierChain, regressorChain } from "./estimators/chains.ts";
import { decisionTrees } from "./estimators/decision-trees.ts";
import { dictVectorizer } from "./estimators/dict-vectorizer.ts";
import { dummyClassifier, dummyRegressor } from "./estimators/dummy.ts";
import { forests } from "./estimators/forests.ts";
import { gaussianMixtures } from "./estimators/gaussian-mixture.ts";
import { generalizedLinear } from "./estimators/generalized-linear.ts";
import { gradientBoosting } from "./estimators/gradient-boosting.ts";
import { histGradientBoosting } from "./estimators/hist-gradient-boosting.ts";
import { isolationForest } from "./estimators/isolation-forest.ts";
import { isotonicRegression } from "./estimators/isotonic-regression.ts";
import { bisectingKMeans, kMeans } from "./estimators/k-means.ts";
import { linearClassifiers } from "./estimators/linear-classifiers.ts";
import { linearDiscriminantAnalysis } from "./estimators/linear-discriminant-analysis.ts";
import { linearRegressors } from "./estimators/linear-regressors.ts";
import { multiOutputClassifier, multiOutputRegressor } from "./estimators/multi-output.ts";
import { mlpClassifier, mlpRegressor } from "./estimators/multilayer-perceptron.ts";
import { naiveBayes } from "./estimators/naive-bayes.ts";
import { nearestCentroid } from "./estimators/nearest-centroid.ts";
import { kNeighborsClassifier, kNeighborsRegressor } from "./estimators/nearest-neighbors.ts";
import { oneVsOneClassifier } from "./estimators/one-vs-one.ts";
import { constantPredictor, oneVsRestClassifier } from "./estimators/one-vs-rest.ts";
import { outputCodeClassifier } from "./estimators/output-code.ts";
import { plsRegression } from "./estimators/pls-regression.ts";
import { quadraticDiscriminantAnalysis } from "./estimators/quadratic-discriminant-analysis.ts";
import { radiusNeighborsClassifier, radiusNeighborsRegressor } from "./estimators/radius-neighbors.ts";
import { stackingClassifier, stackingRegressor } from "./estimators/stacking.ts";
import { supportVectors } from "./estimators/support-vectors.ts";
import {
  countVectorizer,
  featureHasher,
  hashingVectorizer,
  tfidfTransformer,
  tfidfVectorizer,
} from "./estimators/text-vectorizers.ts";
import { votingClassifier, votingRegressor } from "./estimators/voting.ts";
import { frozenEstimator, ransacRegressor } from "./estimators/wrapped.ts";
import { helperNames } from "./helper-names.ts";
import { transformerNames } from "./transformer-names.ts";
import { transformerRecords } from "./transformer-records.ts";
import { treeClasses } from "./tree.ts";

export const estimatorTable: readonly EstimatorRecord[] = [
  dictVectorizer,
  ...linearRegressors,
  ...generalizedLinear,
  ...linearClassifiers,
  linearDiscriminantAnalysis,
  ...decisionTrees,
  ...forests,
  ...gradientBoosting,
  ...histGradientBoosting,
  ...adaBoost,
  baggingClassifier,
  baggingRegressor,
  isolationForest,
  dummyClassifier,
  dummyRegressor,
  ...naiveBayes,
  kNeighborsClassifier,
  kNeighborsRegressor,
  ...supportVectors,
  votingClassifier,
  votingRegressor,
  stackingClassifier,
  stackingRegressor,
  isotonicRegression,
  calibratedClassifierCV,
  oneVsRestClassifier,
  constantPredictor,
  oneVsOneClassifier,
  multiOutputClassifier,
  multiOutputRegressor,
  classifierChain,
  regressorChain,
  frozenEstimator,
  ransacRegressor,
  countVectorizer,
  tfidfVectorizer,
  tfidfTransformer,
  hashingVectorizer,
  featureHasher,
  mlpClassifier,
  mlpRegressor,
  ...kMeans,
  bisectingKMeans,
  ...gaussianMixtures,
  quadraticDiscriminantAnalysis,
  plsRegression,
  nearestCentroid,
  outputCodeClassifier,
  radiusNeighborsClassifier,
  radiusNeighborsRegressor,
  ...transformerRecords,
  ...xgboostRecords,
  ...lightgbmRecords,
];

/** The classes that a file of scikit-learn may name. */
export const sklearnNames: readonly AllowedGlobal[] = [
  ...[...estimatorTable.flatMap((record) => record.classes), ...treeClasses].flatMap((className) => {
    const { module, name } = splitClassName(className);
    return allow(module, "construct", name);
  }),
  ...helperNames,
  ...boostingNames,
  ...boosterNames,
  ...transformerNames,
  ...carriedNames,
];

/** `a.b.C` → module `a.b`, name `C`. */
export function splitClassName(className: string): { module: string; name: string } {
  const dot = className.lastIndexOf(".");
  return { module: className.slice(0, dot), name: className.slice(dot + 1) };
}
