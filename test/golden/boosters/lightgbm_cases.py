"""LightGBM: objectives, boosters, missing types, categories, linear trees; as text and pickled."""
import pickle

import joblib
import lightgbm as lgb
import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV

import data as d
from booster_case import Case

VERSION = lgb.__version__
V = tuple(int(part) for part in VERSION.split(".")[:2])
CASES = []
QUICK = {"num_leaves": 6, "min_data_in_leaf": 4, "min_data_in_bin": 1, "learning_rate": .4, "num_threads": 1, "seed": 0, "verbosity": -1, "deterministic": True, "force_row_wise": True}
ROWS = d.matrix_rows(d.X_NAN) + [[v] + d.X[3, 1:].tolist() for v in (1e-36, -1e-36, 1e-35, 2e-35, 0.0)]
third = np.unique(d.THREE, return_inverse=True)[1]


def load_booster(path):
    booster = pickle.loads(path.read_bytes()) if path.suffix == ".pkl" else lgb.Booster(model_file=str(path))
    return {"predict": lambda batch: booster.predict(batch, num_threads=1), "decision_function": lambda batch: booster.predict(batch, raw_score=True, num_threads=1)}


def save_booster(booster, path):
    if path.suffix == ".pkl":
        path.write_bytes(pickle.dumps(booster, protocol=4))
    else:
        booster.save_model(str(path))


def add(name, params, y, x=None, rows=None, forms=None, rounds=5, near=(), categorical="auto", group=None, **rest):
    if "linear_tree" in params and V < (3, 2):
        return
    x = d.X_NAN if x is None else x

    def train():
        dataset = lgb.Dataset(x, y, categorical_feature=categorical, group=group, params={"min_data_in_bin": 1, "verbosity": -1}, free_raw_data=False)
        return lgb.train({**QUICK, **params}, dataset, rounds)

    for form in forms or ["txt"]:
        CASES.append(Case(f"lightgbm-{name}-{form}", "lightgbm", train, rows or ROWS, save_booster, load_booster, form, exact={method: "near" for method in near}, estimator="lightgbm.basic.Booster", **rest))


add("regression", {"objective": "regression"}, d.REAL, forms=["txt", "pkl"])
for name, y, near in [
    ("regression_l1", d.REAL, ()), ("huber", d.REAL, ()), ("fair", d.REAL, ()), ("poisson", d.COUNTS, ("predict",)), ("quantile", d.REAL, ()), ("mape", d.REAL, ()),
    ("gamma", d.POSITIVE, ("predict",)), ("tweedie", d.POSITIVE, ("predict",)), ("binary", d.BINARY, ("predict",)), ("cross_entropy", d.BINARY, ("predict",)), ("cross_entropy_lambda", d.BINARY, ("predict",)),
]:
    add(name, {"objective": name}, y, near=near, forms=["txt", "pkl"] if name == "binary" else None)
add("regression-sqrt", {"objective": "regression", "reg_sqrt": True}, np.abs(d.REAL))
add("binary-sigmoid", {"objective": "binary", "sigmoid": 2.5}, d.BINARY, near=("predict",))
add("binary-unbalanced", {"objective": "binary", "is_unbalance": True, "boost_from_average": False}, d.BINARY, near=("predict",))
add("binary-custom-sigmoid-dart", {"objective": "binary", "boosting": "dart", "drop_rate": .5}, d.BINARY, near=("predict",), rounds=8)
for name in ("multiclass", "multiclassova"):
    add(name, {"objective": name, "num_class": 3}, third, near=("predict",), forms=["txt", "pkl"])
    add(f"{name}-ten", {"objective": name, "num_class": 10}, d.TEN, near=("predict",), rounds=2)
for name in ("lambdarank", "rank_xendcg") if V >= (3, 0) else ("lambdarank",):
    add(name, {"objective": name}, d.COUNTS.clip(0, 4).astype(int), group=[30, 30, 30])
add("dart", {"boosting": "dart", "drop_rate": .5}, d.REAL, rounds=8)
RF = {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": .6, "feature_fraction": .7}
add("rf", {**RF}, d.REAL, forms=["txt", "pkl"])
add("rf-binary", {**RF, "objective": "binary"}, d.BINARY, near=("predict",))
add("rf-multiclass", {**RF, "objective": "multiclass", "num_class": 3}, third, near=("predict",))
add("goss", {"data_sample_strategy": "goss"} if int(VERSION.split(".")[0]) >= 4 else {"boosting": "goss"}, d.REAL)
add("linear-tree", {"linear_tree": True}, d.REAL, near=("predict", "decision_function"), forms=["txt", "pkl"])
add("linear-tree-dense", {"linear_tree": True, "linear_lambda": .1}, d.REAL, x=d.X, near=("predict", "decision_function"))
add("linear-tree-binary", {"linear_tree": True, "objective": "binary"}, d.BINARY, near=("predict", "decision_function"))
SPARSE = np.where(np.abs(d.X_NAN) < 1.2, 0.0, d.X_NAN)
add("zero-as-missing", {"zero_as_missing": True}, d.REAL, x=SPARSE)
add("no-missing", {"use_missing": False}, d.REAL)
add("no-missing-zeros", {"use_missing": False, "zero_as_missing": True}, d.REAL, x=SPARSE)
add("dense", {}, d.REAL, x=d.X)
add("zeros", {}, d.REAL, x=SPARSE)
add("few-bins", {"max_bin": 4}, d.REAL)
add("monotone", {"monotone_constraints": [1, -1, 0, 0, 0]}, d.REAL)
add("stump", {"num_leaves": 2}, d.REAL)
add("no-split", {"min_data_in_leaf": 80}, d.REAL)
add("no-split-binary", {"min_data_in_leaf": 80, "objective": "binary"}, d.BINARY, near=("predict",))
add("extra-trees", {"extra_trees": True, "path_smooth": 1.0}, d.REAL)
add("named", {}, d.REAL, x=pd.DataFrame(d.X_NAN, columns=["alpha", "beta_1", "c", "\u00eele" if V >= (3, 0) else "d", "e"]))

CODES = np.column_stack([d.X[:, 0], d.FRAME["zone"].to_numpy(float), np.random.RandomState(4).randint(0, 45, d.N).astype(float)])
CODES_NAN = CODES.copy()
CODES_NAN[np.random.RandomState(3).rand(*CODES.shape) < .12] = np.nan
CODE_ROWS = [[None if np.isnan(v) else v for v in row] for row in CODES_NAN[:10].tolist()] + [[.5, z, c] for z in (1., 2., 7., 0., None) for c in (0., 1., 3., 31., 32., 44., 45., 64., 1.5, 1.999, -1., -0.5, 1e9, 3e9, None)] + [[.5, 1.]]
CAT = {"cat_smooth": 1.0, "cat_l2": 1.0, "min_data_per_group": 1, "max_cat_threshold": 32}
add("categorical", CAT, d.REAL, x=CODES, rows=CODE_ROWS, categorical=[1, 2], forms=["txt", "pkl"])
add("categorical-nan", CAT, d.REAL, x=CODES_NAN, rows=CODE_ROWS, categorical=[1, 2])
add("categorical-onehot", {**CAT, "max_cat_to_onehot": 64}, d.REAL, x=CODES_NAN, rows=CODE_ROWS, categorical=[1, 2])
add("categorical-no-missing", {**CAT, "use_missing": False}, d.REAL, x=CODES_NAN, rows=CODE_ROWS, categorical=[1, 2])
add("categorical-zero-as-missing", {**CAT, "zero_as_missing": True}, d.REAL, x=CODES_NAN, rows=CODE_ROWS, categorical=[1, 2])
add("categorical-multiclass", {**CAT, "objective": "multiclass", "num_class": 3}, third, x=CODES, rows=CODE_ROWS, categorical=[1, 2], near=("predict",))

# --- the scikit-learn classes, and frames with categories ---

WRAPPED = dict(n_estimators=5, num_leaves=6, min_child_samples=4, n_jobs=1, random_state=0, verbosity=-1)
CITY, PLAN = pd.CategoricalDtype(sorted(d.FRAME["city"].unique())), pd.CategoricalDtype(sorted(d.FRAME["plan"].unique()))
FRAME_ROWS = [{k: row[k] for k in ("age", "city", "plan")} for row in d.FRAME_ROWS]


def frame(rows):
    table = pd.DataFrame(rows, columns=["age", "city", "plan"])
    table["age"] = table["age"].astype(float)
    return table.astype({"city": CITY, "plan": PLAN})


def wrap(name, make, y, x=None, rows=None, forms=("pkl",), near=("predict_proba",), decode=None, fit=None, **rest):
    x = d.X_NAN if x is None else x

    def save(model, path):
        joblib.dump(model, path) if path.suffix == ".joblib" else path.write_bytes(pickle.dumps(model, protocol=4))

    def load(path):
        model = joblib.load(path) if path.suffix == ".joblib" else pickle.loads(path.read_bytes())
        return {method: getattr(model, method) for method in ("predict", "predict_proba", "decision_function") if hasattr(model, method)}

    for form in forms:
        CASES.append(Case(f"lightgbm-{name}-{form}", "lightgbm", lambda: make().fit(x, y, **(fit or {})), rows or ROWS, save, load, form, decode=decode, exact={method: "near" for method in near}, api="wrapper",
                          estimator=f"{type(make()).__module__}.{type(make()).__name__}", **rest))


wrap("LGBMRegressor", lambda: lgb.LGBMRegressor(**WRAPPED), d.REAL, forms=("pkl", "joblib"))
wrap("LGBMRegressor-poisson", lambda: lgb.LGBMRegressor(**WRAPPED, objective="poisson"), d.COUNTS, near=("predict",))
if V >= (3, 2):
    wrap("LGBMRegressor-linear", lambda: lgb.LGBMRegressor(**WRAPPED, linear_tree=True), d.REAL, near=("predict",))
wrap("LGBMClassifier-yesno", lambda: lgb.LGBMClassifier(**WRAPPED), d.YESNO, forms=("pkl", "joblib"))
wrap("LGBMClassifier-three", lambda: lgb.LGBMClassifier(**WRAPPED), d.THREE)
wrap("LGBMClassifier-bools", lambda: lgb.LGBMClassifier(**WRAPPED), d.BOOLS)
wrap("LGBMClassifier-huge", lambda: lgb.LGBMClassifier(**WRAPPED), d.HUGE)
wrap("LGBMClassifier-floats", lambda: lgb.LGBMClassifier(**WRAPPED), d.FLOATS)
wrap("LGBMClassifier-ova", lambda: lgb.LGBMClassifier(**WRAPPED, objective="multiclassova"), d.THREE)
wrap("LGBMClassifier-rf", lambda: lgb.LGBMClassifier(**WRAPPED, boosting_type="rf", subsample=.6, subsample_freq=1), d.THREE)
wrap("LGBMClassifier-dart", lambda: lgb.LGBMClassifier(**WRAPPED, boosting_type="dart"), d.YESNO)
for name, y in {"yesno": d.YESNO, "three": d.THREE}.items():
    for method in ("sigmoid", "isotonic"):
        wrap(f"Calibrated-LGBMClassifier-{method}-{name}", lambda m=method: CalibratedClassifierCV(lgb.LGBMClassifier(**WRAPPED), method=m, cv=2), y)
wrap("LGBMRanker", lambda: lgb.LGBMRanker(**WRAPPED), d.COUNTS.clip(0, 4).astype(int), fit={"group": [30, 30, 30]})
wrap("LGBMRegressor-early", lambda: lgb.LGBMRegressor(**{**WRAPPED, "n_estimators": 40, "learning_rate": .9}), d.REAL, fit={"eval_set": [(d.X[:20], d.REAL[20:40])], "callbacks": [lgb.early_stopping(2, verbose=False)]})
wrap("LGBMRegressor-frame", lambda: lgb.LGBMRegressor(**WRAPPED, min_data_per_group=1, cat_smooth=1), d.REAL, x=frame(d.FRAME[["age", "city", "plan"]].to_dict("records")), rows=FRAME_ROWS, decode=frame,
     columns=[["age", "number"], ["city", "string"], ["plan", "string"]])
CASES.append(Case("lightgbm-frame-categories-txt", "lightgbm", lambda: lgb.train({**QUICK, **CAT}, lgb.Dataset(frame(d.FRAME[["age", "city", "plan"]].to_dict("records")), d.REAL, params={"verbosity": -1}), 5), FRAME_ROWS, save_booster, load_booster, "txt",
                  decode=frame, columns=[["age", "number"], ["city", "string"], ["plan", "string"]], estimator="lightgbm.basic.Booster"))

# --- inside of a scikit-learn pipeline, as teams ship it ---


def churn(final):
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder
    columns = ColumnTransformer([("n", SimpleImputer(strategy="median"), ["age"]), ("c", OneHotEncoder(handle_unknown="ignore"), ["city", "plan"])])
    return make_pipeline(columns, final)


def texts(rows):
    table = pd.DataFrame(rows, columns=["age", "city", "plan"])
    table["age"] = table["age"].astype(float)
    return table.astype({"city": object, "plan": object})


TABLE = dict(x=d.FRAME[["age", "city", "plan"]], rows=FRAME_ROWS, decode=texts, columns=[["age", "number"], ["city", "string"], ["plan", "string"]])
wrap("Pipeline-LGBMClassifier", lambda: churn(lgb.LGBMClassifier(**WRAPPED)), d.YESNO, forms=("pkl", "joblib"), **TABLE)
wrap("Pipeline-LGBMRegressor", lambda: churn(lgb.LGBMRegressor(**WRAPPED)), d.REAL, **TABLE)

RIDES = [{"PU_DO": f"{1 + i % 7}_{2 + i % 5}", "trip_distance": float(d.X[i, 0])} for i in range(d.N)]
RIDE_ROWS = RIDES[:12] + [{"PU_DO": "99_99", "trip_distance": 1.5}, {"trip_distance": 0.0}, {"PU_DO": "1_2"}, {}, {"PU_DO": "3_4", "trip_distance": -0.0, "other": 3}]


def rides(final):
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.pipeline import make_pipeline
    return make_pipeline(DictVectorizer(), final)


wrap("Pipeline-DictVectorizer-LGBMRegressor", lambda: rides(lgb.LGBMRegressor(**WRAPPED)), d.REAL, x=RIDES, rows=RIDE_ROWS, decode=list)
