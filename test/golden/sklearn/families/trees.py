"""Decision trees, forests, bagging, AdaBoost and isolation forests."""
from sklearn import ensemble as en
from sklearn import tree
from sklearn.linear_model import LogisticRegression, LinearRegression
from sklearn.naive_bayes import GaussianNB

import data as d
from case import table

CASES, add = table("trees", exact="exact", extra=("sk122", "sk142"))
SIZE = dict(n_estimators=6, max_depth=4, random_state=0, n_jobs=1)


def squared(v):
    return "squared_error" if v >= (1, 0) else "mse"


def inner(v, model):
    return {("estimator" if v >= (1, 2) else "base_estimator"): model}


Y = {"yesno": d.YESNO, "three": d.THREE, "bools": d.BOOLS, "floats": d.FLOATS, "huge": d.HUGE, "ten": d.TEN, "two": d.TWO_LABELS, "two-strings": d.TWO_STRINGS}
for name, y in Y.items():
    add(f"DecisionTreeClassifier-{name}", lambda v, y=y: tree.DecisionTreeClassifier(max_depth=5, random_state=0).fit(d.X, y))
    add(f"RandomForestClassifier-{name}", lambda v, y=y: en.RandomForestClassifier(**SIZE).fit(d.X, y))
for name, y in {"one": d.REAL, "two": d.TWO_REALS}.items():
    add(f"DecisionTreeRegressor-{name}", lambda v, y=y: tree.DecisionTreeRegressor(max_depth=5, random_state=0).fit(d.X, y))
    add(f"RandomForestRegressor-{name}", lambda v, y=y: en.RandomForestRegressor(**SIZE).fit(d.X, y))
    add(f"ExtraTreeRegressor-{name}", lambda v, y=y: tree.ExtraTreeRegressor(max_depth=5, random_state=0).fit(d.X, y), extra=("sk161",))
    add(f"ExtraTreesRegressor-{name}", lambda v, y=y: en.ExtraTreesRegressor(**SIZE).fit(d.X, y), extra=("sk161",))
for name in ("yesno", "three", "two"):
    add(f"ExtraTreeClassifier-{name}", lambda v, y=Y[name]: tree.ExtraTreeClassifier(max_depth=5, random_state=0).fit(d.X, y), extra=("sk161",))
    add(f"ExtraTreesClassifier-{name}", lambda v, y=Y[name]: en.ExtraTreesClassifier(**SIZE).fit(d.X, y), extra=("sk161",))
add("DecisionTreeClassifier-weights", lambda v: tree.DecisionTreeClassifier(max_depth=4, class_weight="balanced", random_state=0).fit(d.X, d.THREE, sample_weight=d.WEIGHTS))
add("DecisionTreeClassifier-stump", lambda v: tree.DecisionTreeClassifier(max_depth=1, random_state=0).fit(d.X, d.THREE))
add("DecisionTreeClassifier-entropy-pruned", lambda v: tree.DecisionTreeClassifier(criterion="entropy", ccp_alpha=.02, random_state=0).fit(d.X, d.THREE))
add("DecisionTreeRegressor-root-only", lambda v: tree.DecisionTreeRegressor(max_depth=2, min_samples_leaf=60, random_state=0).fit(d.X, d.REAL))
add("DecisionTreeRegressor-absolute", lambda v: tree.DecisionTreeRegressor(criterion="absolute_error" if v >= (1, 0) else "mae", max_depth=3, random_state=0).fit(d.X, d.REAL))
add("DecisionTreeRegressor-poisson", lambda v: tree.DecisionTreeRegressor(criterion="poisson", max_depth=3, random_state=0).fit(d.X, d.COUNTS))
add("DecisionTreeRegressor-monotonic", lambda v: tree.DecisionTreeRegressor(max_depth=4, monotonic_cst=[1, -1, 0, 0, 0], random_state=0).fit(d.X, d.REAL), since=(1, 4))
add("DecisionTreeClassifier-column", lambda v: tree.DecisionTreeClassifier(max_depth=3, random_state=0).fit(d.X, d.THREE[:, None]))
add("RandomForestRegressor-frame", lambda v: en.RandomForestRegressor(**SIZE).fit(d.FRAME[["age", "fare", "zone"]], d.REAL), kind="frame",
    columns=[c for c in d.FRAME_COLUMNS if c[1] == "number"], rows=[{k: r[k] for k in ("age", "fare", "zone")} for r in d.FRAME_ROWS])
add("RandomForestClassifier-weights-oob", lambda v: en.RandomForestClassifier(**{**SIZE, "n_estimators": 9}, class_weight="balanced_subsample", oob_score=True).fit(d.X, d.THREE))
# joblib with lz4 installed, which the other environments do without.
add("RandomForestClassifier-lz4", lambda v: en.RandomForestClassifier(**SIZE).fit(d.X, d.THREE), envs=("sk172",), extra=(), container="joblib-lz4")
add("ExtraTreesRegressor-lz4", lambda v: en.ExtraTreesRegressor(**SIZE).fit(d.X, d.REAL), envs=("sk172",), extra=(), container="joblib-lz4")
add("RandomForestRegressor-float32-max", lambda v: en.RandomForestRegressor(**SIZE).fit(d.X * 1e30, d.REAL), x=d.X * 1e30)
# fitted on missing values
add("DecisionTreeRegressor-nan", lambda v: tree.DecisionTreeRegressor(max_depth=5, random_state=0).fit(d.X_NAN, d.REAL), since=(1, 3), x=d.X_NAN)
add("DecisionTreeClassifier-nan", lambda v: tree.DecisionTreeClassifier(max_depth=5, random_state=0).fit(d.X_NAN, d.THREE), since=(1, 3), x=d.X_NAN)
add("RandomForestRegressor-nan", lambda v: en.RandomForestRegressor(**SIZE).fit(d.X_NAN, d.REAL), since=(1, 4), x=d.X_NAN)
add("RandomForestClassifier-nan", lambda v: en.RandomForestClassifier(**SIZE).fit(d.X_NAN, d.THREE), since=(1, 4), x=d.X_NAN)
add("ExtraTreesClassifier-nan", lambda v: en.ExtraTreesClassifier(**SIZE).fit(d.X_NAN, d.THREE), since=(1, 6), x=d.X_NAN, extra=("sk161",))
add("ExtraTreeRegressor-nan", lambda v: tree.ExtraTreeRegressor(max_depth=4, random_state=0).fit(d.X_NAN, d.REAL), since=(1, 6), x=d.X_NAN, extra=("sk161",))

# bagging and AdaBoost
add("BaggingRegressor", lambda v: en.BaggingRegressor(n_estimators=4, random_state=0).fit(d.X, d.REAL))
add("BaggingClassifier", lambda v: en.BaggingClassifier(n_estimators=4, random_state=0, max_features=0.6).fit(d.X, d.THREE))
add("BaggingClassifier-logistic", lambda v: en.BaggingClassifier(**inner(v, LogisticRegression()), n_estimators=3, random_state=0).fit(d.X, d.YESNO),
    exact={"*": "near", "predict_log_proba": "loose"}, tolerance=1e-12)  # near certainty the logarithms of the members cancel
add("BaggingRegressor-linear", lambda v: en.BaggingRegressor(**inner(v, LinearRegression()), n_estimators=3, max_features=3, bootstrap_features=True, random_state=0).fit(d.X, d.REAL), exact="near")
add("BaggingClassifier-missing-class", lambda v: en.BaggingClassifier(n_estimators=5, max_samples=6, random_state=1).fit(d.X, d.TEN))
for name, y in {"yesno": d.YESNO, "three": d.THREE}.items():
    add(f"AdaBoostClassifier-{name}", lambda v, y=y: en.AdaBoostClassifier(n_estimators=5, random_state=0, **({"algorithm": "SAMME"} if v < (1, 6) else {})).fit(d.X, y), exact="near")
    add(f"AdaBoostClassifier-SAMME.R-{name}", lambda v, y=y: en.AdaBoostClassifier(n_estimators=5, random_state=0, algorithm="SAMME.R").fit(d.X, y), exact="near", until=(1, 6))
add("AdaBoostClassifier-deep", lambda v: en.AdaBoostClassifier(**inner(v, tree.DecisionTreeClassifier(max_depth=3, random_state=0)), n_estimators=4, learning_rate=.5, random_state=0).fit(d.X, d.THREE), exact="near")
for loss in ("linear", "square", "exponential"):
    add(f"AdaBoostRegressor-{loss}", lambda v, loss=loss: en.AdaBoostRegressor(n_estimators=5, loss=loss, random_state=0).fit(d.X, d.REAL))
add("AdaBoostClassifier-bayes", lambda v: en.AdaBoostClassifier(**inner(v, GaussianNB()), n_estimators=3, random_state=0).fit(d.X, d.YESNO), exact="near")

# isolation forests
for name, options in {"default": {}, "contamination": {"contamination": .1}, "features": {"max_features": 3, "max_samples": 30},
                      "bootstrap": {"bootstrap": True, "max_samples": .5}}.items():
    add(f"IsolationForest-{name}", lambda v, o=options: en.IsolationForest(n_estimators=6, random_state=0, **o).fit(d.X), exact={"*": "near", "predict": "exact"}, extra=("sk113", "sk161"))
add("IsolationForest-nan", lambda v: en.IsolationForest(n_estimators=6, random_state=0).fit(d.X_NAN), since=(1, 6), x=d.X_NAN, exact={"*": "near", "predict": "exact"}, extra=("sk161",))
add("RandomTreesEmbedding", lambda v: en.RandomTreesEmbedding(n_estimators=4, max_depth=3, random_state=0).fit(d.X))
