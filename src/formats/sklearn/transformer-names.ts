// Objects that fitted transformers and searches carry along and that hold data only: how columns were chosen and scored,
// names of columns, splines, distributions.
import { type AllowedGlobal, allow } from "../pickle/allow-list.ts";

/** How a search scored its candidates. */
const scorers: readonly string[] = [
  ...["_BaseScorer", "_MultimetricScorer", "_PassthroughScorer", "_PredictScorer", "_ProbaScorer", "_Scorer"],
  "_ThresholdScorer",
];
const metricFunctions: Readonly<Record<string, readonly string[]>> = {
  "_classification classification": [
    ...[
      "accuracy_score",
      "balanced_accuracy_score",
      "brier_score_loss",
      "cohen_kappa_score",
      "f1_score",
      "fbeta_score",
    ],
    ...[
      "hamming_loss",
      "hinge_loss",
      "jaccard_score",
      "log_loss",
      "matthews_corrcoef",
      "precision_score",
      "recall_score",
    ],
    ...["negative_likelihood_ratio", "positive_likelihood_ratio", "zero_one_loss", "d2_log_loss_score"],
  ],
  "_ranking ranking": [
    ...["average_precision_score", "dcg_score", "ndcg_score", "roc_auc_score", "top_k_accuracy_score"],
    ...["coverage_error", "label_ranking_average_precision_score", "label_ranking_loss"],
  ],
  "_regression regression": [
    ...["d2_absolute_error_score", "d2_pinball_score", "d2_tweedie_score", "explained_variance_score", "max_error"],
    ...["mean_absolute_error", "mean_absolute_percentage_error", "mean_gamma_deviance", "mean_pinball_loss"],
    ...["mean_poisson_deviance", "mean_squared_error", "mean_squared_log_error", "mean_tweedie_deviance"],
    ...["median_absolute_error", "r2_score", "root_mean_squared_error", "root_mean_squared_log_error"],
  ],
};
const splitters: readonly string[] = [
  ...["GroupKFold", "GroupShuffleSplit", "KFold", "LeaveOneGroupOut", "LeaveOneOut", "LeavePGroupsOut", "LeavePOut"],
  ...["PredefinedSplit", "RepeatedKFold", "RepeatedStratifiedKFold", "ShuffleSplit", "StratifiedGroupKFold"],
  ...["StratifiedKFold", "StratifiedShuffleSplit", "TimeSeriesSplit", "_CVIterableWrapper"],
];
/** Distributions that a randomized search drew from. */
const distributions: readonly string[] = [
  ...["beta_gen", "expon_gen", "gamma_gen", "loguniform_gen", "lognorm_gen", "norm_gen", "reciprocal_gen"],
  ...["triang_gen", "truncnorm_gen", "uniform_gen"],
];
const discrete: readonly string[] = ["binom_gen", "geom_gen", "nbinom_gen", "poisson_gen", "randint_gen"];

const searchNames: readonly AllowedGlobal[] = [
  ...["_scorer", "scorer"].flatMap((module) => allow(`sklearn.metrics.${module}`, "construct", ...scorers)),
  ...["_scorer", "scorer"].flatMap((module) => allow(`sklearn.metrics.${module}`, "value", "_passthrough_scorer")),
  ...Object.entries(metricFunctions).flatMap(([modules, names]) =>
    modules.split(" ").flatMap((module) => allow(`sklearn.metrics.${module}`, "value", ...names)),
  ),
  ...allow("sklearn.model_selection._search_successive_halving", "value", "_refit_callable"),
  ...allow("sklearn.utils._metadata_requests", "construct", "MetadataRequest", "MethodMetadataRequest"),
  // The results of a search of 0.20 warn of what is asked of them.
  ...allow("sklearn.utils.deprecation", "construct", "DeprecationDict"),
  ...allow("builtins", "value", "FutureWarning", "DeprecationWarning"),
  ...allow("sklearn.model_selection._split", "construct", ...splitters),
  ...allow("sklearn.model_selection._search", "construct", "ParameterGrid", "ParameterSampler"),
  ...allow("scipy.stats._distn_infrastructure", "construct", "rv_frozen", "rv_continuous_frozen", "rv_discrete_frozen"),
  ...allow("scipy.stats._continuous_distns", "construct", ...distributions),
  ...allow("scipy.stats._discrete_distns", "construct", ...discrete),
];

const scoreFunctions: readonly string[] = ["chi2", "f_classif", "f_oneway", "f_regression", "r_regression"];
const informationFunctions: readonly string[] = ["mutual_info_classif", "mutual_info_regression"];

export const transformerNames: readonly AllowedGlobal[] = [
  ...searchNames,
  // What samplers of imbalanced-learn looked for neighbours with.
  ...["_unsupervised", "unsupervised"].flatMap((module) =>
    allow(`sklearn.neighbors.${module}`, "construct", "NearestNeighbors"),
  ),
  ...allow("sklearn.compose._column_transformer", "construct", "make_column_selector", "_RemainderColsList"),
  ...allow("pandas.core.indexes.base", "construct", "_new_Index", "Index"),
  ...allow("pandas.core.indexes.range", "construct", "RangeIndex"),
  ...["_univariate_selection", "univariate_selection"].flatMap((module) =>
    allow(`sklearn.feature_selection.${module}`, "value", ...scoreFunctions),
  ),
  ...["_mutual_info", "mutual_info", "mutual_info_"].flatMap((module) =>
    allow(`sklearn.feature_selection.${module}`, "value", ...informationFunctions),
  ),
  ...["scipy.interpolate._bsplines", "scipy.interpolate"].flatMap((module) => allow(module, "construct", "BSpline")),
  ...["numpy", "numpy.core.fromnumeric"].flatMap((module) => allow(module, "value", "clip")),
  ...["numpy", "numpy.lib.type_check", "numpy.lib._type_check_impl"].flatMap((module) =>
    allow(module, "value", "nan_to_num"),
  ),
];
