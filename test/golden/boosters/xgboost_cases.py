"""XGBoost: objectives, boosters, base scores, missing values, categories, and every file form."""
import pickle

import joblib
import numpy as np
import pandas as pd
import xgboost as xgb

import data as d
from booster_case import Case

VERSION = xgb.__version__
V = tuple(int(part) for part in VERSION.split(".")[:2])
CASES = []
QUICK = {"max_depth": 3, "eta": .4, "nthread": 1, "seed": 0, "verbosity": 0}
ROWS = d.matrix_rows(d.X_NAN)
DENSE_ROWS = ROWS + [[v] + ROWS[0][1:] for v in (-999.0, 1e-40, 3.4e38)]
FORMS = (["json"] if V >= (1, 0) else []) + (["ubj"] if V >= (1, 6) else []) + ["pkl"] + (["model"] if V < (3, 0) else [])


def matrix(batch, **options):
    return xgb.DMatrix(batch, **options)


def load_booster(path, **options):
    if path.suffix == ".pkl":
        booster = pickle.loads(path.read_bytes())
    else:
        booster = xgb.Booster({"nthread": 1})
        booster.load_model(bytearray(path.read_bytes()) if path.suffix == ".model" else str(path))
    return {"predict": lambda batch: booster.predict(matrix(batch, **options)), "decision_function": lambda batch: booster.predict(matrix(batch, **options), output_margin=True)}


def save_booster(booster, path):
    if path.suffix == ".pkl":
        path.write_bytes(pickle.dumps(booster, protocol=4))
    elif path.suffix == ".model":
        path.write_bytes(booster.save_raw("deprecated") if V >= (1, 6) else booster.save_raw())
    else:
        booster.save_model(str(path))


def add(name, params, y, x=None, rows=None, forms=None, rounds=5, options=None, label_options=None, near=("predict",), **rest):
    x = d.X_NAN if x is None else x
    options = options or {}
    if options.get("enable_categorical") and V < (1, 6) or params.get("booster") == "dart" and V < (1, 0):  # dart dropped trees while predicting
        return
    for form in [form for form in forms or [] if form in FORMS] or [FORMS[sum(name.encode()) % len(FORMS)]]:
        CASES.append(Case(
            f"xgboost-{name}-{form}", "xgboost", lambda: xgb.train({**QUICK, **params}, xgb.DMatrix(x, y, **options, **(label_options or {})), rounds), rows or ROWS,
            save_booster, lambda path: load_booster(path, **options), form, exact={method: "near" for method in near}, estimator="xgboost.core.Booster", **rest))


add("squarederror", {"objective": "reg:squarederror"}, d.REAL, forms=FORMS, near=())
for name, y in {"reg:squaredlogerror": d.POSITIVE, "reg:pseudohubererror": d.REAL, "reg:absoluteerror": d.REAL, "binary:logitraw": d.BINARY, "binary:hinge": d.BINARY, "rank:pairwise": d.COUNTS, "rank:ndcg": d.COUNTS}.items():
    if V < {"reg:squaredlogerror": (1, 0), "reg:pseudohubererror": (1, 0), "reg:absoluteerror": (1, 7), "rank:pairwise": (1, 4), "rank:ndcg": (1, 4)}.get(name, V):
        continue
    add(name.replace(":", "-"), {"objective": name}, y, near=(), label_options={"group": [30, 30, 30]} if name.startswith("rank") else None)
for name, y in {"reg:logistic": d.BINARY, "binary:logistic": d.BINARY, "count:poisson": d.COUNTS, "reg:gamma": d.POSITIVE, "reg:tweedie": d.POSITIVE, "survival:cox": d.POSITIVE, "survival:aft": d.POSITIVE}.items():
    if name == "survival:aft" and V < (1, 6):
        continue
    bounds = {"label_lower_bound": d.POSITIVE, "label_upper_bound": d.POSITIVE + 1} if name == "survival:aft" else None
    add(name.replace(":", "-"), {"objective": name}, y, label_options=bounds, forms=FORMS if name == "binary:logistic" else None)
third = np.unique(d.THREE, return_inverse=True)[1]
add("multi-softprob", {"objective": "multi:softprob", "num_class": 3}, third, forms=FORMS)
add("multi-softmax", {"objective": "multi:softmax", "num_class": 3}, third, near=())
add("multi-softprob-ten", {"objective": "multi:softprob", "num_class": 10}, d.TEN, rounds=2)
if V >= (2, 0):
    add("quantile", {"objective": "reg:quantileerror", "quantile_alpha": .8}, d.REAL, near=())
    add("quantiles", {"objective": "reg:quantileerror", "quantile_alpha": [.1, .5, .9]}, d.REAL, near=())
    add("multi-output-tree", {"objective": "reg:squarederror", "multi_strategy": "multi_output_tree", "tree_method": "hist"}, d.TWO_REALS, near=(), forms=["json"])
if V >= (1, 7):
    add("two-outputs", {"objective": "reg:squarederror", "tree_method": "hist"}, d.TWO_REALS, near=())
for score in (0.0, 0.25, 17.5, 1e-3):
    add(f"base-score-{score}", {"objective": "reg:squarederror", "base_score": score}, d.REAL, near=(), forms=["json", "ubj"] if score == 17.5 else None)
for score in (0.1, 0.5, 0.9):
    add(f"base-score-logistic-{score}", {"objective": "binary:logistic", "base_score": score}, d.BINARY)
add("base-score-poisson", {"objective": "count:poisson", "base_score": 2.5}, d.COUNTS)
DART = {"booster": "dart", "rate_drop": .5, "skip_drop": .1}
add("dart", {**DART, "objective": "reg:squarederror"}, d.REAL, forms=FORMS, near=(), rounds=8)
add("dart-logistic-forest", {**DART, "objective": "binary:logistic", "normalize_type": "forest"}, d.BINARY, rounds=8)
add("dart-softprob", {**DART, "objective": "multi:softprob", "num_class": 3}, third, rounds=4)
add("gblinear", {"booster": "gblinear", "objective": "reg:squarederror"}, d.REAL, x=d.X, forms=["json", "pkl"], expect="unsupported")
add("parallel-trees", {"num_parallel_tree": 3, "subsample": .6, "colsample_bynode": .7}, d.REAL, near=())
add("parallel-trees-softprob", {"num_parallel_tree": 2, "subsample": .6, "objective": "multi:softprob", "num_class": 3}, third, rounds=2)
add("missing-999", {}, d.REAL, x=np.where(np.isnan(d.X_NAN), -999.0, d.X_NAN), rows=DENSE_ROWS, options={"missing": np.nan}, near=())
add("dense", {}, d.REAL, x=d.X, rows=DENSE_ROWS, near=())
add("lossguide", {"grow_policy": "lossguide", "max_leaves": 6, "tree_method": "hist", "max_depth": 0}, d.REAL, near=())
add("exact-method", {"tree_method": "exact"}, d.REAL, near=())
add("approx", {"tree_method": "approx", "monotone_constraints": "(1,-1,0,0,0)"}, d.REAL, near=())
add("single-leaf", {"gamma": 1e9}, d.REAL, near=())
add("float32-sums", {"objective": "reg:squarederror", "eta": .07}, d.REAL * 1e6, near=(), rounds=20)
NAMED = [f"f {n}" for n in "abcde"]
add("named", {}, d.REAL, options={"feature_names": NAMED}, near=(), forms=["json", "pkl"])

CODES = np.column_stack([d.X[:, 0], d.FRAME["zone"].to_numpy(float), pd.Categorical(d.FRAME["city"]).codes.astype(float)])
CODES_NAN = CODES.copy()
CODES_NAN[np.random.RandomState(3).rand(*CODES.shape) < .12] = np.nan
CODE_ROWS = [[None if np.isnan(v) else v for v in row] for row in CODES_NAN[:10].tolist()] + [[.5, z, c] for z in (1., 2., 7., 0., 5., None) for c in (0., 1., 2., 3., 4., 31., 32., 33., 64., 1.5, -1., 1e9, None)] + [[.5, 1.]]
CATEGORICAL = {"tree_method": "hist", "objective": "reg:squarederror"}
for name, params in {"partition": {"max_cat_to_onehot": 1}, "onehot": {"max_cat_to_onehot": 50}, "mixed": {"max_cat_to_onehot": 4}}.items():
    add(f"categorical-{name}", {**CATEGORICAL, **params}, d.REAL, x=CODES_NAN, rows=CODE_ROWS, options={"feature_types": ["q", "c", "c"], "enable_categorical": True}, near=(), forms=["json", "ubj", "pkl"] if name == "partition" else ["json"])
add("categorical-softprob", {"tree_method": "hist", "objective": "multi:softprob", "num_class": 3, "max_cat_to_onehot": 1}, third, x=CODES, rows=CODE_ROWS, options={"feature_types": ["q", "c", "c"], "enable_categorical": True}, forms=["ubj"])
MANY = np.column_stack([d.X[:, 0], np.random.RandomState(4).randint(0, 70, d.N).astype(float)])
add("categorical-wide", {**CATEGORICAL, "max_cat_to_onehot": 1, "max_cat_threshold": 64}, d.REAL, x=MANY, rows=[[.1, float(c)] for c in range(-1, 72)] + [[.1, None], [None, 3.]], options={"feature_types": ["q", "c"], "enable_categorical": True}, near=(), forms=["json"])

# --- the scikit-learn classes ---

WRAPPED = dict(n_estimators=5, max_depth=3, n_jobs=1, random_state=0)


def save_wrapper(model, path):
    if path.suffix == ".pkl":
        path.write_bytes(pickle.dumps(model, protocol=4))
    elif path.suffix == ".joblib":
        joblib.dump(model, path)
    else:
        model.save_model(str(path))


def wrap(name, make, y, x=None, rows=None, forms=("pkl",), near=("predict_proba",), decode=None, fit=None, **rest):
    x = d.X_NAN if x is None else x

    def load(path):
        model = pickle.loads(path.read_bytes()) if path.suffix == ".pkl" else joblib.load(path) if path.suffix == ".joblib" else make()
        if path.suffix in (".json", ".ubj"):
            model.load_model(str(path))
        return {method: getattr(model, method) for method in ("predict", "predict_proba") if hasattr(model, method)}

    if name in ("XGBRegressor-two", "XGBClassifier-indicators") and V < (1, 6) or "dart" in name and V < (1, 0):
        return
    for form in [form for form in forms if form in FORMS or form == "joblib"]:
        CASES.append(Case(f"xgboost-{name}-{form}", "xgboost", lambda: make().fit(x, y, **(fit or {})), rows or ROWS, save_wrapper, load, form, decode=decode,
                          exact={method: "near" for method in near}, api="wrapper", estimator=f"{type(make()).__module__}.{type(make()).__name__}", **rest))


wrap("XGBRegressor", lambda: xgb.XGBRegressor(**WRAPPED), d.REAL, forms=("pkl", "joblib", "json"))
wrap("XGBRegressor-missing", lambda: xgb.XGBRegressor(**WRAPPED, missing=-999.0), d.REAL, x=np.where(np.isnan(d.X_NAN), -999.0, d.X_NAN), rows=DENSE_ROWS)
wrap("XGBRegressor-missing-zero", lambda: xgb.XGBRegressor(**WRAPPED, missing=0.0), d.REAL, x=d.X, rows=DENSE_ROWS)
wrap("XGBRegressor-tweedie", lambda: xgb.XGBRegressor(**WRAPPED, objective="reg:tweedie", tweedie_variance_power=1.3), d.POSITIVE, near=("predict",))
wrap("XGBRegressor-base-score", lambda: xgb.XGBRegressor(**WRAPPED, base_score=3.25), d.REAL)
wrap("XGBRegressor-two", lambda: xgb.XGBRegressor(**WRAPPED, tree_method="hist"), d.TWO_REALS)
wrap("XGBRegressor-dart", lambda: xgb.XGBRegressor(**WRAPPED, booster="dart", rate_drop=.5), d.REAL)
STOP = {"early_stopping_rounds": 2}
wrap("XGBRegressor-early", lambda: xgb.XGBRegressor(**{**WRAPPED, "n_estimators": 40, "learning_rate": .9}, **(STOP if V >= (1, 6) else {})), d.REAL, fit={"eval_set": [(d.X[:20], d.REAL[20:40])], "verbose": False, **({} if V >= (1, 6) else STOP)}, forms=("pkl", "json"))
wrap("XGBClassifier-binary", lambda: xgb.XGBClassifier(**WRAPPED), d.BINARY, forms=("pkl", "json", "ubj"))
wrap("XGBClassifier-three", lambda: xgb.XGBClassifier(**WRAPPED), third, forms=("pkl", "ubj"))
wrap("XGBClassifier-ten", lambda: xgb.XGBClassifier(**{**WRAPPED, "n_estimators": 2}), d.TEN)
wrap("XGBClassifier-bools", lambda: xgb.XGBClassifier(**WRAPPED), d.BOOLS)
wrap("XGBClassifier-indicators", lambda: xgb.XGBClassifier(**WRAPPED, tree_method="hist"), d.INDICATORS)
if V < (1, 6):  # later, only numbers from 0 on are classes
    wrap("XGBClassifier-strings", lambda: xgb.XGBClassifier(**WRAPPED), d.THREE, forms=("pkl", "json"))
    wrap("XGBClassifier-floats", lambda: xgb.XGBClassifier(**WRAPPED), d.FLOATS, forms=("pkl", "json"))
    wrap("XGBClassifier-huge", lambda: xgb.XGBClassifier(**WRAPPED), d.HUGE, forms=("pkl", "json"))
wrap("XGBRFRegressor", lambda: xgb.XGBRFRegressor(**WRAPPED), d.REAL)
wrap("XGBRFClassifier", lambda: xgb.XGBRFClassifier(**WRAPPED), third)
wrap("XGBRanker", lambda: xgb.XGBRanker(**WRAPPED), d.COUNTS, fit={"group": [30, 30, 30]})


def frame(rows):
    table = pd.DataFrame(rows, columns=["age", "city", "plan"])
    table["age"] = table["age"].astype(float)
    return table.astype({"city": CITY, "plan": PLAN})


CITY, PLAN = pd.CategoricalDtype(sorted(d.FRAME["city"].unique())), pd.CategoricalDtype(sorted(d.FRAME["plan"].unique()))
FRAME_ROWS = [{k: row[k] for k in ("age", "city", "plan")} for row in d.FRAME_ROWS]
KNOWN = [row for row in FRAME_ROWS if row["city"] in [*CITY.categories, None] and row["plan"] in [*PLAN.categories, None]]
if V >= (3, 1):  # before, a file does not keep the categories, so that nothing but their numbers can be asked
    wrap("XGBRegressor-frame-categories", lambda: xgb.XGBRegressor(**WRAPPED, tree_method="hist", enable_categorical=True, max_cat_to_onehot=1), d.REAL, x=frame(d.FRAME[["age", "city", "plan"]].to_dict("records")), rows=KNOWN,
         decode=frame, columns=[["age", "number"], ["city", "string"], ["plan", "string"]], forms=("pkl", "json"))

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
wrap("Pipeline-XGBClassifier", lambda: churn(xgb.XGBClassifier(**WRAPPED)), d.BINARY, forms=("pkl", "joblib"), **TABLE)
wrap("Pipeline-XGBRegressor", lambda: churn(xgb.XGBRegressor(**WRAPPED)), d.REAL, **TABLE)

RIDES = [{"PU_DO": f"{1 + i % 7}_{2 + i % 5}", "trip_distance": float(d.X[i, 0])} for i in range(d.N)]
RIDE_ROWS = RIDES[:12] + [{"PU_DO": "99_99", "trip_distance": 1.5}, {"trip_distance": 0.0}, {"PU_DO": "1_2"}, {"PU_DO": "3_4", "trip_distance": -0.0, "other": 3}]


def rides(final):
    """What a sparse row does not hold is missing to XGBoost, not 0."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.pipeline import make_pipeline
    return make_pipeline(DictVectorizer(), final)


wrap("Pipeline-DictVectorizer-XGBRegressor", lambda: rides(xgb.XGBRegressor(**WRAPPED)), d.REAL, x=RIDES, rows=RIDE_ROWS, decode=list)
