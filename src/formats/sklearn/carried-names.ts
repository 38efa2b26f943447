// Objects that fitted neighbours, networks, clusters and ensembles of estimators carry along: search trees, optimizers,
// label encoders, calibrators, scorers. Records read some of them; the others are never looked into.
import { type AllowedGlobal, allow } from "../pickle/allow-list.ts";

const metrics: readonly string[] = [
  ...["Euclidean", "Manhattan", "Chebyshev", "Minkowski", "WMinkowski", "SEuclidean", "Mahalanobis", "Hamming"],
  ...["Canberra", "BrayCurtis", "Jaccard", "Matching", "Dice", "Kulsinski", "RogersTanimoto", "RussellRao"],
  ...["SokalMichener", "SokalSneath", "Haversine"],
];

/** From 1.3 each metric has a class a number type. */
const metricClasses = metrics.flatMap((name) => ["", "64", "32"].map((type) => `${name}Distance${type}`));

/** A tree of neighbours is made empty by `newObj` and then filled. */
const searchTrees: readonly AllowedGlobal[] = [
  ...["sklearn.neighbors.dist_metrics", "sklearn.neighbors._dist_metrics", "sklearn.metrics._dist_metrics"].flatMap(
    (module) => allow(module, "construct", "newObj", ...metricClasses),
  ),
  ...["sklearn.neighbors.kd_tree", "sklearn.neighbors._kd_tree"].flatMap((module) =>
    allow(module, "construct", "newObj", "KDTree", "KDTree64", "KDTree32"),
  ),
  ...["sklearn.neighbors.ball_tree", "sklearn.neighbors._ball_tree"].flatMap((module) =>
    allow(module, "construct", "newObj", "BallTree", "BallTree64", "BallTree32"),
  ),
];

export const carriedNames: readonly AllowedGlobal[] = [
  ...searchTrees,
  ...allow("sklearn.neural_network._stochastic_optimizers", "construct", "AdamOptimizer", "SGDOptimizer"),
  ...["sklearn.preprocessing._label", "sklearn.preprocessing.label"].flatMap((module) =>
    allow(module, "construct", "LabelBinarizer", "LabelEncoder"),
  ),
  ...allow("sklearn.calibration", "construct", "_CalibratedClassifier", "_SigmoidCalibration", "_TemperatureScaling"),
  ...allow("sklearn.multiclass", "construct", "_ConstantPredictor"),
  ...allow("sklearn.cluster._kmeans", "value", "_kmeans_single_lloyd", "_kmeans_single_elkan"),
  ...allow("sklearn.cluster._bisect_k_means", "construct", "_BisectingTree"),
  ...["sklearn.utils", "sklearn.utils._bunch"].flatMap((module) => allow(module, "construct", "Bunch")),
  ...allow("sklearn.model_selection._split", "construct", "KFold", "StratifiedKFold"),
  ...["sklearn.metrics._classification", "sklearn.metrics.classification"].flatMap((module) =>
    allow(module, "value", "accuracy_score"),
  ),
];
