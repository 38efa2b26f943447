"""Pipelines, unions, column transformers, meta estimators, votes, stacks and calibration."""
import numpy as np
import pandas as pd
from sklearn import calibration, compose, ensemble as en, feature_selection as fs, linear_model as lm, model_selection as ms, multiclass as mc, multioutput as mo
from sklearn import preprocessing as pp
from sklearn.decomposition import PCA
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.svm import LinearSVC, SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import data as d
from case import table

CASES, add = table("compose", exact="near")
TREE = dict(max_depth=3, random_state=0)


def old(v, **options):
    """`estimator` was `base_estimator` before 1.2."""
    return {("base_estimator" if k == "estimator" and v < (1, 2) else k): value for k, value in options.items()}


def dense_ohe(v, **options):
    return pp.OneHotEncoder(**options, **{("sparse_output" if v >= (1, 2) else "sparse"): False})


# pipelines and unions
add("Pipeline-scaled-tree", lambda v: make_pipeline(SimpleImputer(), pp.StandardScaler(), DecisionTreeClassifier(**TREE)).fit(d.X_NAN, d.THREE), x=d.X_NAN, exact="exact", extra=("sk122", "sk142"))
add("Pipeline-passthrough", lambda v: Pipeline([("a", "passthrough"), ("b", pp.StandardScaler()), ("c", "passthrough"), ("d", DecisionTreeRegressor(**TREE))]).fit(d.X, d.REAL), exact="exact")
add("Pipeline-none-step", lambda v: Pipeline([("a", None), ("b", lm.LogisticRegression())]).fit(d.X, d.THREE), until=(1, 9))
add("Pipeline-nested", lambda v: make_pipeline(make_pipeline(pp.StandardScaler(), PCA(3)), make_pipeline(fs.SelectKBest(k=2), lm.LogisticRegression())).fit(d.X, d.YESNO))
add("Pipeline-transform-only", lambda v: make_pipeline(SimpleImputer(), pp.MinMaxScaler()).fit(d.X_NAN), x=d.X_NAN, exact="exact")
add("Pipeline-last-passthrough", lambda v: Pipeline([("a", pp.StandardScaler()), ("b", "passthrough")]).fit(d.X), exact="exact")
add("Pipeline-dict-forest", lambda v: make_pipeline(DictVectorizer(), en.RandomForestRegressor(n_estimators=5, max_depth=4, random_state=0)).fit(d.RECORDS, d.REAL), kind="records", rows=d.RECORD_ROWS, exact="exact", extra=("sk122", "sk142", "sk161"))
add("Pipeline-dict-gb", lambda v: make_pipeline(DictVectorizer(), en.GradientBoostingRegressor(n_estimators=5, max_depth=3, random_state=0)).fit(d.RECORDS, d.REAL), kind="records", rows=d.RECORD_ROWS, exact="exact")
add("Pipeline-text", lambda v: make_pipeline(TfidfVectorizer(), lm.LogisticRegression()).fit(d.TEXTS, d.THREE), kind="texts", rows=d.TEXT_ROWS, extra=("sk142",))
add("FeatureUnion", lambda v: make_union(pp.StandardScaler(), PCA(2)).fit(d.X))
add("FeatureUnion-weights-drop", lambda v: FeatureUnion([("a", pp.StandardScaler()), ("b", "drop"), ("c", pp.MinMaxScaler())], transformer_weights={"a": .5, "c": 3}).fit(d.X), exact="exact")
add("FeatureUnion-passthrough", lambda v: FeatureUnion([("a", pp.StandardScaler()), ("b", "passthrough")]).fit(d.X), since=(1, 1), exact="exact")
add("FeatureUnion-sparse", lambda v: FeatureUnion([("a", DictVectorizer()), ("b", make_pipeline(DictVectorizer(sparse=False), pp.MaxAbsScaler()))]).fit(d.RECORDS), kind="records", rows=d.RECORD_ROWS, exact="exact")

# column transformers
NUM, CAT = ["age", "fare"], ["city", "plan"]


def churn(v, **options):
    return compose.ColumnTransformer([("num", make_pipeline(SimpleImputer(strategy="median"), pp.StandardScaler()), NUM),
                                      ("cat", make_pipeline(SimpleImputer(strategy="most_frequent"), pp.OneHotEncoder(handle_unknown="ignore")), CAT)], **options)


frame = dict(kind="frame", columns=d.FRAME_COLUMNS, rows=d.FRAME_ROWS)
SW = ("sk113", "sk122", "sk142", "sk161", "sk172", "sk180")
add("ColumnTransformer-churn", lambda v: churn(v).fit(d.FRAME_NAN), exact="exact", extra=SW, **frame)
add("ColumnTransformer-churn-logistic", lambda v: make_pipeline(churn(v), lm.LogisticRegression()).fit(d.FRAME_NAN, d.YESNO), extra=SW, **frame)
add("ColumnTransformer-churn-logistic-three", lambda v: make_pipeline(churn(v), lm.LogisticRegression()).fit(d.FRAME_NAN, d.THREE), **frame)
add("ColumnTransformer-churn-forest", lambda v: make_pipeline(churn(v), en.RandomForestClassifier(n_estimators=5, max_depth=4, random_state=0)).fit(d.FRAME_NAN, d.THREE), exact="exact", extra=SW, **frame)
add("ColumnTransformer-churn-gb", lambda v: make_pipeline(churn(v), en.GradientBoostingClassifier(n_estimators=5, random_state=0)).fit(d.FRAME_NAN, d.YESNO), exact={"*": "exact", "predict_proba": "near"}, extra=SW, **frame)
add("ColumnTransformer-passthrough", lambda v: churn(v, remainder="passthrough").fit(d.FRAME_NAN), exact="exact", extra=SW, **frame)
add("ColumnTransformer-remainder-estimator", lambda v: compose.ColumnTransformer([("c", dense_ohe(v, handle_unknown="ignore"), CAT)], remainder=pp.StandardScaler()).fit(d.FRAME), exact="exact", extra=SW, **frame)
add("ColumnTransformer-dense", lambda v: churn(v, sparse_threshold=0).fit(d.FRAME_NAN), exact="exact", **frame)
add("ColumnTransformer-sparse", lambda v: churn(v, sparse_threshold=1).fit(d.FRAME_NAN), exact="exact", **frame)
add("ColumnTransformer-weights", lambda v: churn(v, transformer_weights={"num": 2., "cat": .5}).fit(d.FRAME_NAN), exact="exact", **frame)
add("ColumnTransformer-named-passthrough", lambda v: compose.ColumnTransformer([("keep", "passthrough", ["zone", "fare"]), ("gone", "drop", ["age"]), ("c", pp.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), CAT)]).fit(d.FRAME), exact="exact", extra=SW, **frame)
add("ColumnTransformer-passthrough-strings", lambda v: compose.ColumnTransformer([("s", pp.MinMaxScaler(), NUM)], remainder="passthrough").fit(d.FRAME), exact="exact", **frame)
add("ColumnTransformer-selector", lambda v: compose.ColumnTransformer([("n", pp.StandardScaler(), compose.make_column_selector(dtype_include="number")), ("c", pp.OneHotEncoder(handle_unknown="ignore"), compose.make_column_selector(pattern="^(city|plan)$"))]).fit(d.FRAME), exact="exact", **frame)
add("ColumnTransformer-positions", lambda v: compose.ColumnTransformer([("n", pp.StandardScaler(), [1, 0]), ("c", pp.OneHotEncoder(handle_unknown="ignore"), [-2, 2])]).fit(d.FRAME), exact="exact", **frame)
add("ColumnTransformer-reordered", lambda v: make_pipeline(compose.ColumnTransformer([("n", pp.StandardScaler(), ["fare", "age"])], remainder="drop"), DecisionTreeRegressor(**TREE)).fit(d.FRAME, d.REAL), exact="exact", **frame)
add("ColumnTransformer-text", since=(1, 0), build=lambda v: make_pipeline(compose.ColumnTransformer([("t", TfidfVectorizer(analyzer="char"), "plan"), ("n", pp.StandardScaler(), ["fare"])]), lm.LogisticRegression()).fit(d.FRAME, d.YESNO),
    kind="frame", columns=[["fare", "number"], ["plan", "string"]], rows=[{"fare": r["fare"], "plan": r["plan"]} for r in d.FRAME_ROWS])
for name, columns in {"slice": slice(1, 3), "slice-open": slice(2, None), "slice-negative": slice(-3, -1), "mask": [True, False, False, True, True], "mask-array": np.array([False, True, True, False, False]), "ints": [4, 0], "int-array": np.array([1, 3])}.items():
    add(f"ColumnTransformer-{name}", lambda v, c=columns: compose.ColumnTransformer([("s", pp.StandardScaler(), c)], remainder="passthrough").fit(d.X), exact="exact", extra=("sk142", "sk161"))
add("ColumnTransformer-name-slice", lambda v: compose.ColumnTransformer([("s", pp.OneHotEncoder(handle_unknown="ignore"), slice("city", "zone"))]).fit(d.FRAME), exact="exact", **frame)
add("ColumnTransformer-empty-columns", lambda v: compose.ColumnTransformer([("none", pp.StandardScaler(), []), ("s", pp.MinMaxScaler(), [0, 1])]).fit(d.X), exact="exact")
add("ColumnTransformer-twice", lambda v: compose.ColumnTransformer([("a", pp.StandardScaler(), [0, 1]), ("b", pp.MinMaxScaler(), [1, 2])], remainder="passthrough").fit(d.X), exact="exact")
add("ColumnTransformer-nested", lambda v: compose.ColumnTransformer([("x", compose.ColumnTransformer([("s", pp.StandardScaler(), ["fare"])], remainder="passthrough"), NUM), ("c", pp.OneHotEncoder(), ["plan"])]).fit(d.FRAME), exact="exact", **frame)
add("ColumnTransformer-pandas-output", lambda v: make_pipeline(compose.ColumnTransformer([("s", pp.StandardScaler(), NUM), ("c", pp.OneHotEncoder(handle_unknown="ignore", sparse_output=False), CAT)]).set_output(transform="pandas"), DecisionTreeClassifier(**TREE)).fit(d.FRAME, d.YESNO), exact="exact", since=(1, 2), **frame)

add("ColumnTransformer-index", lambda v: compose.ColumnTransformer([("n", pp.StandardScaler(), d.FRAME.columns[:2]), ("c", pp.OneHotEncoder(handle_unknown="ignore"), d.FRAME.columns[2:4])]).fit(d.FRAME), exact="exact", **frame)
add("ColumnTransformer-bins-and-normalized", lambda v: make_pipeline(compose.ColumnTransformer([("b", pp.KBinsDiscretizer(n_bins=3, encode="onehot", strategy="uniform"), ["age"]), ("u", make_union(pp.StandardScaler(), pp.MinMaxScaler()), NUM)], remainder="drop"), pp.Normalizer("max"), DecisionTreeRegressor(**TREE)).fit(d.FRAME, d.REAL), since=(0, 24), exact="exact", **frame)
add("ColumnTransformer-none-behind-imputer", lambda v: make_pipeline(compose.ColumnTransformer([("n", SimpleImputer(), NUM), ("c", make_pipeline(SimpleImputer(strategy="constant", fill_value="none"), pp.OneHotEncoder(handle_unknown="ignore")), CAT)]), DecisionTreeClassifier(**TREE)).fit(d.FRAME_NONE, d.YESNO),
    since=(1, 0), exact="exact", marker="none", **{**frame, "rows": [row for row in d.FRAME_ROWS if row["plan"] is not None]})
add("ColumnTransformer-imputed-text", lambda v: compose.ColumnTransformer([("c", make_pipeline(SimpleImputer(strategy="constant", fill_value="none", add_indicator=True), pp.OneHotEncoder(handle_unknown="ignore")), CAT)]).fit(d.FRAME_NAN), since=(0, 24), exact="exact", **frame)
add("ColumnTransformer-in-vote", lambda v: en.VotingClassifier([("a", make_pipeline(churn(v), DecisionTreeClassifier(**TREE))), ("b", make_pipeline(churn(v), lm.LogisticRegression()))], voting="soft").fit(d.FRAME_NAN, d.YESNO), since=(0, 24), **frame)
add("ColumnTransformer-passthrough-boosting", lambda v: make_pipeline(compose.ColumnTransformer([("c", pp.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), CAT)], remainder="passthrough"), en.HistGradientBoostingClassifier(max_iter=4)).fit(d.FRAME, d.YESNO), since=(1, 0), exact={"*": "exact", "predict_proba": "near"}, **frame)
add("Pipeline-function-first", lambda v: make_pipeline(pp.FunctionTransformer(np.square), pp.Normalizer("l1"), pp.Binarizer(threshold=.2), DecisionTreeRegressor(**TREE)).fit(d.X, d.REAL), exact="exact")
add("FeatureUnion-frame", lambda v: FeatureUnion([("n", compose.ColumnTransformer([("s", pp.StandardScaler(), NUM)])), ("c", compose.ColumnTransformer([("o", pp.OneHotEncoder(handle_unknown="ignore"), CAT)], sparse_threshold=0))]).fit(d.FRAME), since=(0, 24), exact="exact", **frame)

# transformed target, multi output, one against the rest
add("TransformedTargetRegressor-log", lambda v: compose.TransformedTargetRegressor(lm.LinearRegression(), func=np.log, inverse_func=np.exp).fit(d.X, d.POSITIVE))
add("TransformedTargetRegressor-log1p", lambda v: compose.TransformedTargetRegressor(DecisionTreeRegressor(**TREE), func=np.log1p, inverse_func=np.expm1).fit(d.X, d.COUNTS))
add("TransformedTargetRegressor-scaler", lambda v: compose.TransformedTargetRegressor(DecisionTreeRegressor(**TREE), transformer=pp.StandardScaler()).fit(d.X, d.REAL))
add("TransformedTargetRegressor-quantile", lambda v: compose.TransformedTargetRegressor(lm.Ridge(), transformer=pp.QuantileTransformer(n_quantiles=20)).fit(d.X, d.REAL))
add("TransformedTargetRegressor-power-two", lambda v: compose.TransformedTargetRegressor(lm.Ridge(), transformer=pp.PowerTransformer()).fit(d.X, d.TWO_REALS), exact="loose", tolerance=1e-10)
add("TransformedTargetRegressor-quantile-normal", lambda v: compose.TransformedTargetRegressor(DecisionTreeRegressor(**TREE), transformer=pp.QuantileTransformer(n_quantiles=20, output_distribution="normal")).fit(d.X, d.REAL), exact="loose", tolerance=1e-11)
add("TransformedTargetRegressor-box-cox", lambda v: compose.TransformedTargetRegressor(DecisionTreeRegressor(**TREE), transformer=pp.PowerTransformer("box-cox")).fit(d.X, d.POSITIVE))
add("TransformedTargetRegressor-scalers", lambda v: compose.TransformedTargetRegressor(DecisionTreeRegressor(**TREE), transformer=pp.MinMaxScaler((-1, 3))).fit(d.X, d.TWO_REALS), exact="exact")
add("TransformedTargetRegressor-robust", lambda v: compose.TransformedTargetRegressor(DecisionTreeRegressor(**TREE), transformer=pp.RobustScaler()).fit(d.X, d.REAL), exact="exact")
add("MultiOutputRegressor", lambda v: mo.MultiOutputRegressor(lm.Ridge()).fit(d.X, d.TWO_REALS))
add("MultiOutputRegressor-trees", lambda v: mo.MultiOutputRegressor(DecisionTreeRegressor(**TREE)).fit(d.X, d.TWO_REALS), exact="exact")
add("MultiOutputClassifier", lambda v: mo.MultiOutputClassifier(lm.LogisticRegression()).fit(d.X, d.TWO_LABELS))
add("MultiOutputClassifier-strings", lambda v: mo.MultiOutputClassifier(DecisionTreeClassifier(**TREE)).fit(d.X, d.TWO_STRINGS), exact="exact")
add("RegressorChain", lambda v: mo.RegressorChain(lm.Ridge(), order=[1, 0]).fit(d.X, d.TWO_REALS))
add("ClassifierChain", lambda v: mo.ClassifierChain(lm.LogisticRegression(), order=[2, 0, 1]).fit(d.X, d.INDICATORS))
for name, y in {"three": d.THREE, "yesno": d.YESNO, "indicators": d.INDICATORS}.items():
    add(f"OneVsRestClassifier-{name}", lambda v, y=y: mc.OneVsRestClassifier(lm.LogisticRegression()).fit(d.X, y))
    add(f"OneVsRestClassifier-svc-{name}", lambda v, y=y: mc.OneVsRestClassifier(LinearSVC(random_state=0)).fit(d.X, y))
add("OneVsRestClassifier-trees", lambda v: mc.OneVsRestClassifier(DecisionTreeClassifier(**TREE)).fit(d.X, d.THREE))
add("OneVsOneClassifier", lambda v: mc.OneVsOneClassifier(lm.LogisticRegression()).fit(d.X, d.THREE))
add("OneVsOneClassifier-yesno", lambda v: mc.OneVsOneClassifier(LinearSVC(random_state=0)).fit(d.X, d.YESNO))
add("OneVsOneClassifier-bayes", lambda v: mc.OneVsOneClassifier(GaussianNB()).fit(d.X, d.THREE_INT))
# Scores of far rows are equally far from every code once rounded.
add("OutputCodeClassifier", lambda v: mc.OutputCodeClassifier(lm.LogisticRegression(), random_state=0).fit(d.X, d.THREE), rows=[row for row in d.matrix_rows(d.X) if row[0] is None or abs(row[0]) < 1e9 or abs(row[0]) == float("inf")])

# votes and stacks
members = [("lr", lm.LogisticRegression()), ("tree", DecisionTreeClassifier(**TREE)), ("nb", GaussianNB())]
for name, y in {"three": d.THREE, "yesno": d.YESNO, "ints": d.THREE_INT}.items():
    for vote in ("hard", "soft"):
        add(f"VotingClassifier-{vote}-{name}", lambda v, y=y, o=vote: en.VotingClassifier(members, voting=o).fit(d.X, y), extra=("sk113",))
    add(f"StackingClassifier-{name}", lambda v, y=y: en.StackingClassifier(members, cv=3).fit(d.X, y))
add("VotingClassifier-weights", lambda v: en.VotingClassifier(members, voting="soft", weights=[1, 2.5, .5]).fit(d.X, d.THREE))
add("VotingClassifier-hard-weights", lambda v: en.VotingClassifier(members, voting="hard", weights=[1, 2.5, 1]).fit(d.X, d.THREE))
add("VotingClassifier-drop", lambda v: en.VotingClassifier([*members[:2], ("gone", "drop")], voting="soft").fit(d.X, d.THREE))
add("VotingRegressor", lambda v: en.VotingRegressor([("a", lm.Ridge()), ("b", DecisionTreeRegressor(**TREE))], weights=[1, 3]).fit(d.X, d.REAL))
add("VotingRegressor-trees", lambda v: en.VotingRegressor([("a", DecisionTreeRegressor(max_depth=2, random_state=0)), ("b", DecisionTreeRegressor(**TREE))]).fit(d.X, d.REAL), exact="exact")
add("StackingClassifier-passthrough", lambda v: en.StackingClassifier(members[:2], cv=3, passthrough=True).fit(d.X, d.THREE))
add("StackingClassifier-decision", lambda v: en.StackingClassifier([("svc", LinearSVC(random_state=0)), ("tree", DecisionTreeClassifier(**TREE))], DecisionTreeClassifier(**TREE), cv=3).fit(d.X, d.YESNO))
add("StackingClassifier-predict", lambda v: en.StackingClassifier([("tree", DecisionTreeClassifier(**TREE)), ("k", DecisionTreeClassifier(max_depth=2, random_state=0))], stack_method="predict", cv=3).fit(d.X, d.BINARY))
add("StackingRegressor", lambda v: en.StackingRegressor([("a", lm.Ridge()), ("b", DecisionTreeRegressor(**TREE))], cv=3).fit(d.X, d.REAL))
add("StackingRegressor-passthrough", lambda v: en.StackingRegressor([("a", DecisionTreeRegressor(**TREE))], DecisionTreeRegressor(max_depth=2, random_state=0), passthrough=True, cv=3).fit(d.X, d.REAL), exact="exact")
add("StackingClassifier-prefit", lambda v: en.StackingClassifier([("a", lm.LogisticRegression().fit(d.X, d.THREE))], cv="prefit").fit(d.X, d.THREE), since=(1, 1))

# calibration
for method in ("sigmoid", "isotonic"):
    for name, y in {"yesno": d.YESNO, "three": d.THREE}.items():
        for label, make in {"svc": lambda: LinearSVC(random_state=0), "bayes": GaussianNB, "tree": lambda: DecisionTreeClassifier(**TREE)}.items():
            add(f"CalibratedClassifierCV-{method}-{label}-{name}", lambda v, m=method, y=y, make=make: calibration.CalibratedClassifierCV(**old(v, estimator=make()), method=m, cv=3).fit(d.X, y), extra=("sk113", "sk122"))
add("CalibratedClassifierCV-no-ensemble", lambda v: calibration.CalibratedClassifierCV(**old(v, estimator=lm.LogisticRegression()), cv=3, ensemble=False).fit(d.X, d.THREE))
add("CalibratedClassifierCV-prefit", lambda v: calibration.CalibratedClassifierCV(**old(v, estimator=GaussianNB().fit(d.X, d.THREE)), cv="prefit").fit(d.X, d.THREE), until=(1, 6))
for name, y in {"yesno": d.YESNO, "three": d.THREE}.items():
    add(f"CalibratedClassifierCV-temperature-{name}", lambda v, y=y: calibration.CalibratedClassifierCV(lm.LogisticRegression(), method="temperature", cv=3).fit(d.X, y), since=(1, 8), extra=("sk180",))
add("CalibratedClassifierCV-frozen", lambda v: __import__("sklearn.frozen").calibration.CalibratedClassifierCV(__import__("sklearn.frozen").frozen.FrozenEstimator(GaussianNB().fit(d.X, d.THREE))).fit(d.X, d.THREE), since=(1, 6), extra=("sk161",))

# searches
add("GridSearchCV", lambda v: ms.GridSearchCV(lm.LogisticRegression(), {"C": [.1, 1]}, cv=3).fit(d.X, d.THREE))
add("GridSearchCV-pipeline", lambda v: ms.GridSearchCV(make_pipeline(pp.StandardScaler(), SVC()), {"svc__C": [.5, 2]}, cv=3, scoring="accuracy").fit(d.X, d.YESNO))
add("RandomizedSearchCV", lambda v: ms.RandomizedSearchCV(DecisionTreeRegressor(random_state=0), {"max_depth": [2, 3, 4]}, n_iter=2, cv=3, random_state=0).fit(d.X, d.REAL), exact="exact")
add("Pipeline-search-inside", lambda v: make_pipeline(pp.StandardScaler(), ms.GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": [2, 3]}, cv=3)).fit(d.X, d.THREE), exact="exact")
add("HalvingGridSearchCV", lambda v: halving("HalvingGridSearchCV", {"max_depth": [2, 3]}).fit(d.X, d.THREE), exact="exact")
add("HalvingRandomSearchCV", lambda v: halving("HalvingRandomSearchCV", {"max_depth": [2, 3, 4]}).fit(d.X, d.THREE), exact="exact")


def halving(name, options):
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    return getattr(ms, name)(DecisionTreeClassifier(random_state=0), options, cv=3, random_state=0)


def balanced(final, *steps):
    from imblearn.over_sampling import RandomOverSampler
    from imblearn.pipeline import make_pipeline as make
    return make(*steps, RandomOverSampler(random_state=0), final)


add("imblearn-Pipeline", lambda v: balanced(DecisionTreeClassifier(**TREE), pp.StandardScaler()).fit(d.X, d.THREE), exact="exact", container="pickle4")
add("imblearn-Pipeline-smote", lambda v: smote().fit(d.X, d.YESNO), container="pickle4")


def smote():
    from imblearn.over_sampling import SMOTE
    from imblearn.pipeline import Pipeline as Balanced
    from imblearn.under_sampling import RandomUnderSampler
    return Balanced([("scale", pp.MinMaxScaler()), ("over", SMOTE(random_state=0, sampling_strategy={"yes": 60})), ("under", RandomUnderSampler(random_state=0)), ("model", lm.LogisticRegression())])
