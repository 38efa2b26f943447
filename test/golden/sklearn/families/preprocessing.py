"""Scalers, encoders, imputers, expansions, selections and decompositions."""
import numpy as np
from sklearn import decomposition as dc
from sklearn import feature_selection as fs
from sklearn import impute
from sklearn import preprocessing as pp
from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingRegressor, RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeRegressor

import data as d
from case import table

CASES, add = table("preprocessing", exact="exact")


def sparse_option(v, value):
    return {("sparse_output" if v >= (1, 2) else "sparse"): value}


# scalers
CONSTANT = d.X.copy()
CONSTANT[:, 2] = 4.2
for name, make, x in [
    ("StandardScaler", lambda v: pp.StandardScaler(), d.X), ("StandardScaler-nan", lambda v: pp.StandardScaler(), d.X_NAN),
    ("StandardScaler-constant", lambda v: pp.StandardScaler(), CONSTANT), ("StandardScaler-no-mean", lambda v: pp.StandardScaler(with_mean=False), d.X),
    ("StandardScaler-no-std", lambda v: pp.StandardScaler(with_std=False), d.X), ("StandardScaler-neither", lambda v: pp.StandardScaler(with_mean=False, with_std=False), d.X),
    ("MinMaxScaler", lambda v: pp.MinMaxScaler(), d.X_NAN), ("MinMaxScaler-clip", lambda v: pp.MinMaxScaler(feature_range=(-1, 2), clip=True), d.X),
    ("MinMaxScaler-constant", lambda v: pp.MinMaxScaler(), CONSTANT), ("MaxAbsScaler", lambda v: pp.MaxAbsScaler(), d.X_NAN),
    ("RobustScaler", lambda v: pp.RobustScaler(), d.X_NAN), ("RobustScaler-unit", lambda v: pp.RobustScaler(unit_variance=True, quantile_range=(10, 90)), d.X),
    ("RobustScaler-no-centre", lambda v: pp.RobustScaler(with_centering=False), d.X), ("RobustScaler-no-scale", lambda v: pp.RobustScaler(with_scaling=False), d.X),
    ("Normalizer-l1", lambda v: pp.Normalizer("l1"), d.X), ("Normalizer-max", lambda v: pp.Normalizer("max"), d.X),
    ("Binarizer", lambda v: pp.Binarizer(threshold=.5), d.X),
]:
    add(name, lambda v, make=make, x=x: make(v).fit(x), x=x, extra=("sk172", "sk180") if name.startswith("StandardScaler") else ())
add("Normalizer-l2", lambda v: pp.Normalizer().fit(d.X), exact="near")
add("StandardScaler-fitted-float32", lambda v: pp.StandardScaler().fit(d.X.astype("f4")), extra=("sk172", "sk180"))
add("MinMaxScaler-after-float32", lambda v: make_pipeline(DictVectorizer(dtype=np.float32, sparse=False), pp.MinMaxScaler()).fit(d.RECORDS), rows=d.RECORD_ROWS, kind="records")
add("RobustScaler-after-float32", lambda v: make_pipeline(DictVectorizer(dtype=np.float32, sparse=False), pp.RobustScaler()).fit(d.RECORDS), rows=d.RECORD_ROWS, kind="records")
add("StandardScaler-after-float32", lambda v: make_pipeline(DictVectorizer(dtype=np.float32, sparse=False), pp.StandardScaler()).fit(d.RECORDS),
    rows=[r for r in d.RECORD_ROWS], kind="records", extra=("sk172", "sk180"))
add("StandardScaler-sparse", lambda v: make_pipeline(DictVectorizer(), pp.StandardScaler(with_mean=False)).fit(d.RECORDS), rows=d.RECORD_ROWS, kind="records")
add("MaxAbsScaler-sparse", lambda v: make_pipeline(DictVectorizer(), pp.MaxAbsScaler()).fit(d.RECORDS), rows=d.RECORD_ROWS, kind="records")
add("Normalizer-sparse", lambda v: make_pipeline(DictVectorizer(), pp.Normalizer()).fit(d.RECORDS), rows=d.RECORD_ROWS, kind="records", exact="near")
add("StandardScaler-frame", lambda v: pp.StandardScaler().fit(d.FRAME_NAN[["age", "fare"]]), kind="frame", columns=d.FRAME_COLUMNS[:2],
    rows=[{k: r[k] for k in ("age", "fare")} for r in d.FRAME_ROWS])
for method, x in (("yeo-johnson", d.X_NAN), ("yeo-johnson", d.X), ("box-cox", d.X_POS)):
    for standardize in (True, False):
        add(f"PowerTransformer-{method}-{'nan-' if x is d.X_NAN else ''}{standardize}", lambda v, m=method, s=standardize, x=x: pp.PowerTransformer(m, standardize=s).fit(x), x=x, exact="near")
for output in ("uniform", "normal"):
    add(f"QuantileTransformer-{output}", lambda v, o=output: pp.QuantileTransformer(n_quantiles=20, output_distribution=o, random_state=0).fit(d.X_NAN), x=d.X_NAN,
        exact="near" if output == "uniform" else "loose", tolerance=1e-12 if output == "uniform" else 1e-11)
add("QuantileTransformer-ties", lambda v: pp.QuantileTransformer(n_quantiles=30, random_state=0).fit(d.X_COUNT), x=d.X_COUNT, exact="near")

# encoders
CITY, BOTH = [["city", "string"]], [["city", "string"], ["plan", "string"]]
BOTH_ROWS = [{"city": r["city"], "plan": r["plan"]} for r in d.FRAME_ROWS]
ALL = ["city", "plan", "zone"]
ALL_COLUMNS = [c for c in d.FRAME_COLUMNS if c[0] in ALL]
ALL_ROWS = [{k: r[k] for k in ALL} for r in d.FRAME_ROWS]
for name, options, since, extra in [
    ("error", {}, (0, 24), ()), ("ignore", {"handle_unknown": "ignore"}, (0, 24), ()), ("drop-first", {"drop": "first"}, (0, 24), ()),
    ("drop-if-binary", {"drop": "if_binary"}, (0, 24), ()), ("drop-list", {"drop": ["south", "plus"]}, (0, 24), ()),
    ("drop-first-ignore", {"drop": "first", "handle_unknown": "ignore"}, (1, 0), ()),
    ("infrequent", {"min_frequency": 10, "handle_unknown": "infrequent_if_exist"}, (1, 1), ("sk113", "sk122")),
    ("infrequent-max", {"max_categories": 3, "handle_unknown": "infrequent_if_exist"}, (1, 1), ("sk113", "sk122")),
    ("infrequent-ignore", {"min_frequency": .2, "handle_unknown": "ignore"}, (1, 1), ("sk113",)),
    ("infrequent-drop", {"min_frequency": 10, "drop": "first"}, (1, 1), ("sk113", "sk122")),
    ("infrequent-none-infrequent", {"min_frequency": 1, "handle_unknown": "infrequent_if_exist"}, (1, 1), ("sk113",)),
    ("warn", {"handle_unknown": "warn", "max_categories": 3}, (1, 6), ("sk161",)),
    ("given", {"categories": [["West", "north", "south", "\u00eele", "moon"], ["basic", "plus", "pro"]]}, (0, 24), ()),
    ("float32", {"dtype": np.float32, "handle_unknown": "ignore"}, (0, 24), ()),
]:
    add(f"OneHotEncoder-{name}", lambda v, o=options: pp.OneHotEncoder(**o).fit(d.FRAME[["city", "plan"]]), rows=BOTH_ROWS, kind="frame", columns=BOTH, since=since, extra=extra)
for name, frame, marker in (("nan", d.FRAME_NAN, "nan"), ("none", d.FRAME_NONE, "none")):
    add(f"OneHotEncoder-fitted-{name}", lambda v, f=frame: pp.OneHotEncoder(handle_unknown="ignore", **sparse_option(v, False)).fit(f[["city", "plan"]]), rows=BOTH_ROWS, kind="frame", columns=BOTH, marker=marker)
    add(f"OneHotEncoder-fitted-{name}-error", lambda v, f=frame: pp.OneHotEncoder(**sparse_option(v, False)).fit(f[["city", "plan"]]), rows=BOTH_ROWS, kind="frame", columns=BOTH, marker=marker)
    add(f"OrdinalEncoder-fitted-{name}", since=(1, 0), build=lambda v, f=frame: pp.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-9).fit(f[["city", "plan"]]), rows=BOTH_ROWS, kind="frame", columns=BOTH, marker=marker)
add("OneHotEncoder-mixed", lambda v: pp.OneHotEncoder(handle_unknown="ignore").fit(d.FRAME[ALL]), rows=ALL_ROWS, kind="frame", columns=ALL_COLUMNS)
add("OneHotEncoder-numbers", lambda v: pp.OneHotEncoder(handle_unknown="ignore").fit(d.X[:, 3:]), x=d.X[:, 3:])
add("OneHotEncoder-numbers-nan", lambda v: pp.OneHotEncoder(handle_unknown="ignore").fit(d.X_NAN[:, 3:]), x=d.X_NAN[:, 3:])
add("OneHotEncoder-cells", lambda v: pp.OneHotEncoder(handle_unknown="ignore").fit(d.FRAME[["city", "plan"]].to_numpy()), rows=[[r["city"], r["plan"]] for r in BOTH_ROWS], kind="cells")
for name, options, since in [
    ("error", {}, (0, 24)), ("unknown", {"handle_unknown": "use_encoded_value", "unknown_value": -1}, (0, 24)),
    ("unknown-nan", {"handle_unknown": "use_encoded_value", "unknown_value": np.nan}, (0, 24)), ("int", {"dtype": np.int32}, (0, 24)),
    ("infrequent", {"min_frequency": 10, "handle_unknown": "use_encoded_value", "unknown_value": -1}, (1, 3)),
]:
    add(f"OrdinalEncoder-{name}", lambda v, o=options: pp.OrdinalEncoder(**o).fit(d.FRAME[["city", "plan"]]), rows=BOTH_ROWS, kind="frame", columns=BOTH, since=since)
add("OrdinalEncoder-missing-code", lambda v: pp.OrdinalEncoder(encoded_missing_value=-5, handle_unknown="use_encoded_value", unknown_value=99).fit(d.FRAME_NAN[["city", "plan"]]), rows=BOTH_ROWS, kind="frame", columns=BOTH, since=(1, 1), extra=("sk113",))
add("OrdinalEncoder-numbers", lambda v: pp.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1).fit(d.X[:, 3:]), x=d.X[:, 3:])
for name, y in {"binary": d.BINARY, "real": d.REAL, "three": d.THREE}.items():
    for smooth in ("auto", 5.0):
        add(f"TargetEncoder-{name}-{smooth}", lambda v, y=y, s=smooth: pp.TargetEncoder(smooth=s, random_state=0).fit(d.FRAME[["city", "plan"]], y), rows=BOTH_ROWS, kind="frame", columns=BOTH,
            since=(1, 4) if name == "three" else (1, 3))
add("TargetEncoder-nan", lambda v: pp.TargetEncoder(random_state=0).fit(d.FRAME_NAN[["city", "plan"]], d.REAL), rows=BOTH_ROWS, kind="frame", columns=BOTH, since=(1, 3))
for name, y, dtype, others in [("strings", d.THREE_OBJECT, object, ["moon", ""]), ("integers", d.THREE_INT, "int64", [0, 99]), ("huge", d.HUGE, "int64", [2 ** 53]), ("booleans", d.BOOLS, "bool", []), ("floats", d.FLOATS, "float64", [])]:
    rows = [[v] for v in [*np.unique(y).tolist(), *others]]
    add(f"LabelEncoder-{name}", lambda v, y=y: pp.LabelEncoder().fit(y), rows=rows, kind="values", dtype=dtype)
    add(f"LabelBinarizer-{name}", lambda v, y=y: pp.LabelBinarizer().fit(y), rows=rows, kind="values", dtype=dtype)
add("LabelBinarizer-sparse", lambda v: pp.LabelBinarizer(sparse_output=True).fit(d.THREE_INT), rows=[[-3], [7], [11], [0]], kind="values", dtype="int64")
add("LabelBinarizer-negative", lambda v: pp.LabelBinarizer(neg_label=-1, pos_label=2).fit(d.THREE_INT), rows=[[-3], [7], [11], [0]], kind="values", dtype="int64")

# bins and expansions
for encode in ("onehot", "onehot-dense", "ordinal"):
    for strategy in ("uniform", "quantile", "kmeans"):
        add(f"KBinsDiscretizer-{encode}-{strategy}", lambda v, e=encode, s=strategy: pp.KBinsDiscretizer(n_bins=4, encode=e, strategy=s, **({"random_state": 0} if v >= (1, 1) else {})).fit(d.X), extra=("sk113",))
add("KBinsDiscretizer-edges", lambda v: pp.KBinsDiscretizer(n_bins=4, encode="ordinal", strategy="uniform").fit(np.round(d.X)), extra=("sk113",),
    rows=[[w] * 5 for e in pp.KBinsDiscretizer(n_bins=4, encode="ordinal", strategy="uniform").fit(np.round(d.X)).bin_edges_[0] for w in [*d.neighbours(e), float(e) - 1e-9, float(e) - 1e-6]])
for name, options in {"two": {}, "three": {"degree": 3}, "interactions": {"interaction_only": True}, "no-bias": {"include_bias": False}, "F": {"order": "F"}, "cubic-interactions": {"degree": 3, "interaction_only": True, "include_bias": False}}.items():
    add(f"PolynomialFeatures-{name}", lambda v, o=options: pp.PolynomialFeatures(**o).fit(d.X), extra=("sk122",))
add("PolynomialFeatures-range", lambda v: pp.PolynomialFeatures(degree=(2, 3)).fit(d.X), since=(1, 0))
add("PolynomialFeatures-sparse", lambda v: make_pipeline(DictVectorizer(), pp.PolynomialFeatures()).fit(d.RECORDS), rows=d.RECORD_ROWS, kind="records")
for name, options in {"constant": {}, "linear": {"extrapolation": "linear"}, "continue": {"extrapolation": "continue", "degree": 2}, "error": {"extrapolation": "error"},
                      "periodic": {"extrapolation": "periodic"}, "quantile": {"knots": "quantile", "n_knots": 4}, "no-bias": {"include_bias": False}}.items():
    add(f"SplineTransformer-{name}", lambda v, o=options: pp.SplineTransformer(**o).fit(d.X[:, :3]), x=d.X[:, :3], since=(1, 0), exact="loose", tolerance=1e-12)

add("SplineTransformer-sparse", lambda v: pp.SplineTransformer(sparse_output=True).fit(d.X[:, :3]), x=d.X[:, :3], since=(1, 2), exact="loose", tolerance=1e-12)

# imputers
for name, options, x in [("mean", {}, d.X_NAN), ("median", {"strategy": "median"}, d.X_NAN), ("frequent", {"strategy": "most_frequent"}, d.X_NAN), ("constant", {"strategy": "constant", "fill_value": -7}, d.X_NAN),
                         ("indicator", {"add_indicator": True}, d.X_NAN), ("zeros", {"missing_values": 0, "strategy": "mean"}, d.X_COUNT)]:
    add(f"SimpleImputer-{name}", lambda v, o=options, x=x: impute.SimpleImputer(**o).fit(x), x=x, extra=("sk122", "sk180"))
EMPTY = d.X_NAN.copy()
EMPTY[:, 1] = np.nan
add("SimpleImputer-empty-column", lambda v: impute.SimpleImputer().fit(EMPTY), x=d.X_NAN)
add("SimpleImputer-keep-empty", lambda v: impute.SimpleImputer(keep_empty_features=True).fit(EMPTY), x=d.X_NAN, since=(1, 2), extra=("sk122",))
add("SimpleImputer-strings", lambda v: impute.SimpleImputer(strategy="most_frequent").fit(d.FRAME_NAN[["city", "plan"]]), rows=BOTH_ROWS, kind="frame", columns=BOTH)
add("SimpleImputer-strings-constant", lambda v: impute.SimpleImputer(strategy="constant", fill_value="?").fit(d.FRAME_NAN[["city", "plan"]]), rows=BOTH_ROWS, kind="frame", columns=BOTH)
add("SimpleImputer-strings-none", lambda v: impute.SimpleImputer(missing_values=None, strategy="most_frequent").fit(d.FRAME_NONE[["city", "plan"]]), rows=BOTH_ROWS, kind="frame", columns=BOTH, marker="none")
for features in ("missing-only", "all"):
    add(f"MissingIndicator-{features}", lambda v, f=features: impute.MissingIndicator(features=f, error_on_new=False).fit(d.X_NAN), x=d.X_NAN)
HALF_NAN = d.X.copy()
HALF_NAN[::4, 1] = np.nan
add("MissingIndicator-error", lambda v: impute.MissingIndicator().fit(HALF_NAN), x=HALF_NAN)
for name, options in {"uniform": {}, "distance": {"weights": "distance"}, "indicator": {"add_indicator": True}, "one": {"n_neighbors": 1}}.items():
    add(f"KNNImputer-{name}", lambda v, o=options: impute.KNNImputer(**o).fit(d.X_NAN), x=d.X_NAN, extra=("sk122",), exact="loose", tolerance=1e-7 if name == "distance" else 1e-12)

add("MissingIndicator-nothing", lambda v: make_union(impute.SimpleImputer(), impute.MissingIndicator(error_on_new=False)).fit(d.X), x=d.X_NAN)
add("MissingIndicator-nothing-error", lambda v: make_union(impute.SimpleImputer(), impute.MissingIndicator()).fit(d.X), x=d.X_NAN)
add("MissingIndicator-as-sparse", lambda v: impute.MissingIndicator(features="all", sparse=True).fit(d.X_NAN), x=d.X_NAN)
add("SimpleImputer-of-sparse", lambda v: make_pipeline(DictVectorizer(), impute.SimpleImputer()).fit(d.RECORDS), rows=d.RECORD_ROWS, kind="records")
add("Normalizer-pipeline", lambda v: make_pipeline(pp.Binarizer(threshold=-.5), pp.Normalizer("l1")).fit(d.X))
add("SimpleImputer-word", lambda v: impute.SimpleImputer(missing_values="pro", strategy="most_frequent").fit(d.FRAME[["city", "plan"]]), rows=BOTH_ROWS, kind="frame", columns=BOTH)

# selections
for name, make, x in [
    ("VarianceThreshold", lambda v: fs.VarianceThreshold(.3).fit(d.X_COUNT), d.X_COUNT), ("VarianceThreshold-zero", lambda v: fs.VarianceThreshold().fit(CONSTANT), CONSTANT),
    ("SelectKBest", lambda v: fs.SelectKBest(k=2).fit(d.X, d.THREE), d.X), ("SelectKBest-all", lambda v: fs.SelectKBest(k="all").fit(d.X, d.THREE), d.X),
    ("SelectKBest-regression", lambda v: fs.SelectKBest(fs.f_regression, k=3).fit(d.X, d.REAL), d.X), ("SelectKBest-chi2", lambda v: fs.SelectKBest(fs.chi2, k=3).fit(d.X_COUNT, d.THREE), d.X_COUNT),
    ("SelectKBest-mutual", lambda v: fs.SelectKBest(fs.mutual_info_classif, k=2).fit(d.X, d.THREE), d.X),
    ("SelectPercentile", lambda v: fs.SelectPercentile(percentile=45).fit(d.X, d.THREE), d.X), ("SelectFromModel", lambda v: fs.SelectFromModel(RandomForestClassifier(n_estimators=4, max_depth=3, random_state=0)).fit(d.X, d.THREE), d.X),
    ("SelectFromModel-threshold", lambda v: fs.SelectFromModel(LinearRegression(), threshold="1.2*mean").fit(d.X, d.REAL), d.X), ("SelectFromModel-max", lambda v: fs.SelectFromModel(LogisticRegression(), max_features=2, threshold=-np.inf).fit(d.X, d.THREE), d.X),
    ("SelectFromModel-l1", lambda v: fs.SelectFromModel(LinearSVC(penalty="l1", dual=False, C=.05, random_state=0)).fit(d.X, d.YESNO), d.X),
    ("SelectFpr", lambda v: fs.SelectFpr(alpha=.05).fit(d.X, d.THREE), d.X), ("SelectFdr", lambda v: fs.SelectFdr(alpha=.05).fit(d.X, d.THREE), d.X), ("SelectFwe", lambda v: fs.SelectFwe(alpha=.05).fit(d.X, d.THREE), d.X),
    ("GenericUnivariateSelect", lambda v: fs.GenericUnivariateSelect(mode="k_best", param=2).fit(d.X, d.THREE), d.X),
]:
    add(name, make, x=x)
for name, make in {"boosting": lambda: GradientBoostingRegressor(n_estimators=4, random_state=0), "tree": lambda: DecisionTreeRegressor(max_depth=3, random_state=0), "extra-trees": lambda: ExtraTreesRegressor(n_estimators=3, max_depth=3, random_state=0), "lasso": lambda: Lasso(alpha=.4)}.items():
    add(f"SelectFromModel-{name}", lambda v, make=make: fs.SelectFromModel(make()).fit(d.X, d.REAL), since=(0, 24), extra=("sk142", "sk161"))
add("SelectFromModel-median", lambda v: fs.SelectFromModel(LogisticRegression(), threshold="0.9*median", norm_order=2).fit(d.X, d.THREE), since=(0, 24))
add("RFE", lambda v: fs.RFE(LogisticRegression(), n_features_to_select=3).fit(d.X, d.THREE), exact={"*": "near", "transform": "exact"})
add("RFECV", lambda v: fs.RFECV(LinearRegression(), cv=3).fit(d.X, d.REAL), exact={"*": "near", "transform": "exact"})
add("SequentialFeatureSelector", lambda v: fs.SequentialFeatureSelector(LinearRegression(), n_features_to_select=2, cv=2).fit(d.X, d.REAL))
add("SelectKBest-sparse", lambda v: make_pipeline(DictVectorizer(), fs.SelectKBest(fs.chi2, k=5)).fit(d.RECORDS, d.THREE), rows=d.RECORD_ROWS, kind="records")

# decompositions
for name, options in {"all": {}, "two": {"n_components": 2}, "whiten": {"n_components": 3, "whiten": True}, "share": {"n_components": .9}, "randomized": {"n_components": 2, "svd_solver": "randomized", "random_state": 0}}.items():
    add(f"PCA-{name}", lambda v, o=options: dc.PCA(**o).fit(d.X), exact="near", extra=("sk142",))
for name, make, since in [("PCA-sparse", lambda: dc.PCA(n_components=2, svd_solver="arpack", random_state=0), (1, 4)), ("PCA-sparse-whiten", lambda: dc.PCA(n_components=2, svd_solver="arpack", whiten=True, random_state=0), (1, 4)), ("IncrementalPCA-sparse", lambda: dc.IncrementalPCA(n_components=2), (0, 22))]:
    add(name, lambda v, make=make: make_pipeline(DictVectorizer(), make()).fit(d.RECORDS), exact="near", since=since, rows=d.RECORD_ROWS, kind="records", extra=("sk142",))
add("PCA-fitted-float32", lambda v: dc.PCA(n_components=1, whiten=True).fit(d.X[:, :1].astype("f4")), exact={"*": "near", "score_samples": "loose"}, tolerance=1e-6, x=d.X[:, :1], extra=("sk142",))
add("PCA-constant", lambda v: dc.PCA(n_components=1).fit(np.zeros((20, 2))), exact="near", x=np.zeros((20, 2)))
add("SimpleImputer-fitted-float32", lambda v: impute.SimpleImputer().fit((d.X_NAN * 1e-3).astype("f4")), x=d.X_NAN * 1e-3, extra=("sk180",))
add("IncrementalPCA", lambda v: dc.IncrementalPCA(n_components=2).fit(d.X), exact="near", extra=("sk142",))
for algorithm in ("randomized", "arpack"):
    add(f"TruncatedSVD-{algorithm}", lambda v, a=algorithm: dc.TruncatedSVD(n_components=2, algorithm=a, random_state=0).fit(d.X), exact="near")
add("TruncatedSVD-sparse", lambda v: make_pipeline(DictVectorizer(), dc.TruncatedSVD(n_components=2, random_state=0)).fit(d.RECORDS), rows=d.RECORD_ROWS, kind="records", exact="near")

# named numpy functions
for name in ("log1p", "sqrt", "abs", "square", "exp", "expm1", "log", "sign", "log10", "log2", "sin", "cos", "tanh", "floor", "ceil", "negative", "reciprocal", "cbrt", "rint", "isnan"):
    add(f"FunctionTransformer-{name}", lambda v, f=getattr(np, name): pp.FunctionTransformer(f).fit(d.X_POS), x=d.X_POS,
        exact="exact" if name in ("sqrt", "abs", "square", "sign", "floor", "ceil", "negative", "reciprocal", "rint", "isnan") else "near")
add("FunctionTransformer-none", lambda v: pp.FunctionTransformer().fit(d.X))
add("FunctionTransformer-validate", lambda v: pp.FunctionTransformer(np.log1p, inverse_func=np.expm1, validate=True).fit(d.X_POS), x=d.X_POS, exact="near")
add("FunctionTransformer-nan-to-num", lambda v: pp.FunctionTransformer(np.nan_to_num).fit(d.X_NAN), x=d.X_NAN)
add("FunctionTransformer-clip", lambda v: pp.FunctionTransformer(np.clip, kw_args={"a_min": 0, "a_max": 2}).fit(d.X), exact="near")  # numpy by numpy: 0 or -0
