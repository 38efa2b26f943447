"""Linear models, discriminants, PLS and isotonic regression."""
import numpy as np
from sklearn import linear_model as lm
from sklearn.calibration import CalibratedClassifierCV  # noqa: F401
from sklearn.cross_decomposition import PLSRegression
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.feature_extraction import DictVectorizer
from sklearn.isotonic import IsotonicRegression
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC, LinearSVR

import data as d
from case import table

CASES, add = table("linear", exact="near")


def fit(make, y, x=d.X, **options):
    return lambda v: (make(v) if not isinstance(make, type) else make()).fit(x, y, **options)


# regressors
for name, make in {
    "LinearRegression": lambda v: lm.LinearRegression(), "LinearRegression-no-intercept": lambda v: lm.LinearRegression(fit_intercept=False),
    "LinearRegression-positive": lambda v: lm.LinearRegression(positive=True),
    "Ridge": lambda v: lm.Ridge(alpha=0.7), "RidgeCV": lambda v: lm.RidgeCV(), "Lasso": lambda v: lm.Lasso(alpha=0.2),
    "LassoCV": lambda v: lm.LassoCV(cv=3, random_state=0), "ElasticNet": lambda v: lm.ElasticNet(alpha=0.3),
    "ElasticNetCV": lambda v: lm.ElasticNetCV(cv=3, random_state=0), "SGDRegressor": lambda v: lm.SGDRegressor(random_state=0, max_iter=50),
    "SGDRegressor-huber-average": lambda v: lm.SGDRegressor(loss="huber", average=True, random_state=0, max_iter=50),
    "SGDRegressor-epsilon": lambda v: lm.SGDRegressor(loss="epsilon_insensitive", random_state=0, max_iter=50),
    "HuberRegressor": lambda v: lm.HuberRegressor(), "BayesianRidge": lambda v: lm.BayesianRidge(), "LinearSVR": lambda v: LinearSVR(random_state=0),
    "Lars": lambda v: lm.Lars(), "LassoLars": lambda v: lm.LassoLars(alpha=0.1), "OrthogonalMatchingPursuit": lambda v: lm.OrthogonalMatchingPursuit(),
    "ARDRegression": lambda v: lm.ARDRegression(), "TheilSenRegressor": lambda v: lm.TheilSenRegressor(random_state=0, max_subpopulation=200),
    "PassiveAggressiveRegressor": lambda v: lm.PassiveAggressiveRegressor(random_state=0),
    "RANSACRegressor": lambda v: lm.RANSACRegressor(random_state=0),
}.items():
    add(name, fit(make, d.REAL))
add("SGDRegressor-one-six", fit(lambda v: lm.SGDRegressor(random_state=0, max_iter=50), d.REAL), envs=("sk161",))
add("QuantileRegressor", fit(lambda v: lm.QuantileRegressor(quantile=0.8, alpha=0.01, solver="highs"), d.REAL), since=(1, 0))
for name, make in {"LinearRegression": lm.LinearRegression, "Ridge": lm.Ridge, "MultiTaskLasso": lm.MultiTaskLasso,
                   "MultiTaskElasticNet": lm.MultiTaskElasticNet, "Lasso": lm.Lasso, "RidgeCV": lm.RidgeCV}.items():
    add(f"{name}-two-outputs", fit(make, d.TWO_REALS))
add("LinearRegression-column-target", fit(lm.LinearRegression, d.REAL[:, None]))
add("LinearRegression-weights", fit(lm.LinearRegression, d.REAL, sample_weight=d.WEIGHTS))
add("LinearRegression-one-feature", fit(lm.LinearRegression, d.REAL, d.X[:, :1]), x=d.X[:, :1])
add("LinearRegression-float32", lambda v: lm.LinearRegression().fit(d.X.astype("f4"), d.REAL.astype("f4")))
add("LinearRegression-frame", lambda v: lm.LinearRegression().fit(d.FRAME[["age", "fare"]], d.REAL), kind="frame",
    columns=d.FRAME_COLUMNS[:2], rows=[{k: r[k] for k in ("age", "fare")} for r in d.FRAME_ROWS])
add("PoissonRegressor", fit(lambda v: lm.PoissonRegressor(alpha=0.1), d.COUNTS))
add("GammaRegressor", fit(lambda v: lm.GammaRegressor(alpha=0.1), d.POSITIVE))
for power in (0, 1, 1.5, 2, 3):
    add(f"TweedieRegressor-{power}", fit(lambda v, power=power: lm.TweedieRegressor(power=power, alpha=0.1), d.POSITIVE))
add("TweedieRegressor-identity", fit(lambda v: lm.TweedieRegressor(power=0, link="identity", alpha=0.1), d.REAL))
add("TweedieRegressor-log-normal", fit(lambda v: lm.TweedieRegressor(power=0, link="log", alpha=0.1), d.POSITIVE))

# classifiers
labels = {"binary": d.BINARY, "yesno": d.YESNO, "three": d.THREE, "bools": d.BOOLS, "floats": d.FLOATS, "huge": d.HUGE, "objects": d.THREE_OBJECT,
          "ten": d.TEN}
for name, y in labels.items():
    add(f"LogisticRegression-{name}", fit(lambda v: lm.LogisticRegression(), y), extra=("sk142", "sk172", "sk180"))
for name, make, y, until in [
    ("ovr", lambda v: lm.LogisticRegression(multi_class="ovr"), d.THREE, (1, 8)),
    ("ovr-binary", lambda v: lm.LogisticRegression(multi_class="ovr"), d.YESNO, (1, 8)),
    ("multinomial-binary", lambda v: lm.LogisticRegression(multi_class="multinomial"), d.YESNO, (1, 8)),
    ("multinomial", lambda v: lm.LogisticRegression(multi_class="multinomial"), d.THREE, (1, 8)),
    ("liblinear", lambda v: lm.LogisticRegression(solver="liblinear"), d.YESNO, (99,)),
    ("liblinear-three", lambda v: lm.LogisticRegression(solver="liblinear"), d.THREE, (1, 8)),
    ("saga-l1", lambda v: lm.LogisticRegression(solver="saga", penalty="l1", C=0.5, random_state=0, max_iter=500), d.THREE, (99,)),
    ("newton-cg-weights", lambda v: lm.LogisticRegression(solver="newton-cg", class_weight="balanced"), d.THREE_INT, (99,)),
    ("no-penalty", lambda v: lm.LogisticRegression(penalty=None if v >= (1, 2) else "none"), d.THREE, (99,)),
    ("no-intercept", lambda v: lm.LogisticRegression(fit_intercept=False), d.YESNO, (99,)),
]:
    add(f"LogisticRegression-{name}", fit(make, y), until=until, extra=("sk172", "sk180"))
for name, y in {"yesno": d.YESNO, "three": d.THREE}.items():
    add(f"LogisticRegression-newton-cholesky-{name}", fit(lambda v: lm.LogisticRegression(solver="newton-cholesky"), y), since=(1, 2), extra=("sk161", "sk180"))
    add(f"LogisticRegressionCV-{name}", fit(lambda v: lm.LogisticRegressionCV(cv=3, Cs=3), y), extra=("sk172", "sk180"))
    add(f"RidgeClassifier-{name}", fit(lm.RidgeClassifier, y))
    add(f"RidgeClassifierCV-{name}", fit(lm.RidgeClassifierCV, y))
    add(f"Perceptron-{name}", fit(lambda v: lm.Perceptron(random_state=0), y))
    add(f"PassiveAggressiveClassifier-{name}", fit(lambda v: lm.PassiveAggressiveClassifier(random_state=0), y))
    add(f"LinearSVC-{name}", fit(lambda v: LinearSVC(random_state=0, max_iter=5000), y))
    for loss in ("hinge", "modified_huber", "squared_hinge", "perceptron"):
        add(f"SGDClassifier-{loss}-{name}", fit(lambda v, loss=loss: lm.SGDClassifier(loss=loss, random_state=0, max_iter=50), y))
    add(f"SGDClassifier-log-{name}", fit(lambda v: lm.SGDClassifier(loss="log_loss" if v >= (1, 1) else "log", random_state=0, max_iter=50), y),
        extra=("sk113", "sk142", "sk161"))
add("RidgeClassifier-indicators", fit(lm.RidgeClassifier, d.INDICATORS), since=(1, 0))
add("LinearSVC-crammer", fit(lambda v: LinearSVC(multi_class="crammer_singer", random_state=0), d.THREE))
add("LinearSVC-l1", fit(lambda v: LinearSVC(penalty="l1", dual=False, random_state=0), d.YESNO))
add("LogisticRegression-sparse", lambda v: make_pipeline(DictVectorizer(), lm.LogisticRegression()).fit(d.RECORDS, d.THREE), rows=d.RECORD_ROWS, kind="records")
add("LinearRegression-sparse", lambda v: make_pipeline(DictVectorizer(), lm.LinearRegression()).fit(d.RECORDS, d.REAL), rows=d.RECORD_ROWS, kind="records",
    exact="exact", container="pickle4")
add("Ridge-sparse-two", lambda v: make_pipeline(DictVectorizer(), lm.Ridge(solver="sag", random_state=0)).fit(d.RECORDS, d.TWO_REALS), rows=d.RECORD_ROWS,
    kind="records", exact="exact")
add("Lasso-sparse", lambda v: make_pipeline(DictVectorizer(), lm.Lasso(alpha=0.01)).fit(d.RECORDS, d.REAL), rows=d.RECORD_ROWS, kind="records", exact="exact", until=(1, 9))

# discriminants, projections, isotonic
for name, y in {"yesno": d.YESNO, "three": d.THREE}.items():
    add(f"LinearDiscriminantAnalysis-{name}", fit(LinearDiscriminantAnalysis, y), exact={"*": "near", "transform": "loose"}, tolerance=1e-10)
    add(f"LinearDiscriminantAnalysis-lsqr-{name}", fit(lambda v: LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"), y))
    add(f"QuadraticDiscriminantAnalysis-{name}", fit(QuadraticDiscriminantAnalysis, y), exact="loose", tolerance=1e-9)
add("LinearDiscriminantAnalysis-eigen", fit(lambda v: LinearDiscriminantAnalysis(solver="eigen", n_components=1), d.THREE))
add("QuadraticDiscriminantAnalysis-priors", fit(lambda v: QuadraticDiscriminantAnalysis(priors=[.2, .5, .3], reg_param=.1), d.THREE), exact="loose", tolerance=1e-9)
for name, make, y in [("one", lambda v: PLSRegression(n_components=2), d.REAL), ("two", lambda v: PLSRegression(n_components=3), d.TWO_REALS),
                      ("unscaled", lambda v: PLSRegression(scale=False), d.TWO_REALS)]:
    add(f"PLSRegression-{name}", fit(make, y), exact="loose", tolerance=1e-11, extra=("sk102", "sk113", "sk122"))
for name, options in {"nan": {}, "clip": {"out_of_bounds": "clip"}, "raise": {"out_of_bounds": "raise"}, "down": {"increasing": False, "out_of_bounds": "clip"},
                      "bounds": {"y_min": 10, "y_max": 25, "out_of_bounds": "clip"}}.items():
    add(f"IsotonicRegression-{name}", lambda v, o=options: IsotonicRegression(**o).fit(d.X[:, 0], d.REAL),
        rows=d.matrix_rows(d.X[:, :1], probes=False) + [[None]], kind="matrix")
