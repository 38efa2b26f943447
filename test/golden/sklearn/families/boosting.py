"""Gradient boosting, by depth (GradientBoosting) and by histogram (HistGradientBoosting)."""
import numpy as np
import sklearn

if tuple(int(part) for part in sklearn.__version__.split(".")[:2]) in ((0, 21), (0, 22), (0, 23), (0, 24)):
    from sklearn.experimental import enable_hist_gradient_boosting  # noqa: F401
from sklearn import ensemble as en
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeRegressor

import data as d
from case import table

# a classifier's raw score begins with a logarithm of the shares, which is libm's to the last digit
GB, add = table("gb", extra=("sk142", "sk172", "sk180"), exact={"*": "exact", "predict_proba": "near", "decision_function": "near"})
SMALL = dict(n_estimators=6, max_depth=3, random_state=0, learning_rate=.3)


def loss_name(v, name):
    if v >= (1, 1):
        return name
    return {"log_loss": "deviance", **({} if v >= (1, 0) else {"squared_error": "ls", "absolute_error": "lad"})}.get(name, name)


for loss in ("squared_error", "absolute_error", "huber", "quantile"):
    add(f"GradientBoostingRegressor-{loss}", lambda v, n=loss: en.GradientBoostingRegressor(loss=loss_name(v, n), **SMALL, **({"alpha": .8} if n in ("huber", "quantile") else {})).fit(d.X, d.REAL))
add("GradientBoostingRegressor-subsample", lambda v: en.GradientBoostingRegressor(subsample=.6, max_features=2, **SMALL).fit(d.X, d.REAL, sample_weight=d.WEIGHTS))
add("GradientBoostingRegressor-zero", lambda v: en.GradientBoostingRegressor(init="zero", **SMALL).fit(d.X, d.REAL))
add("GradientBoostingRegressor-init-linear", lambda v: en.GradientBoostingRegressor(init=LinearRegression(), **SMALL).fit(d.X, d.REAL), exact="loose", tolerance=1e-5)
add("GradientBoostingRegressor-init-tree", lambda v: en.GradientBoostingRegressor(init=DecisionTreeRegressor(max_depth=2, random_state=0), **SMALL).fit(d.X, d.REAL))
add("GradientBoostingRegressor-init-dummy", lambda v: en.GradientBoostingRegressor(init=DummyRegressor(strategy="median"), **SMALL).fit(d.X, d.REAL))
add("GradientBoostingRegressor-early", lambda v: en.GradientBoostingRegressor(**{**SMALL, "n_estimators": 40}, n_iter_no_change=2).fit(d.X, d.REAL))
for name, y in {"yesno": d.YESNO, "three": d.THREE, "bools": d.BOOLS, "floats": d.FLOATS, "huge": d.HUGE, "ten": d.TEN}.items():
    # the scores start from logarithms, whose last bit depends on numpy and on the CPU
    add(f"GradientBoostingClassifier-{name}", lambda v, y=y: en.GradientBoostingClassifier(**{**SMALL, "n_estimators": 4}).fit(d.X, y), exact={"*": "near", "predict": "exact"})
add("GradientBoostingClassifier-exponential", lambda v: en.GradientBoostingClassifier(loss="exponential", **SMALL).fit(d.X, d.YESNO))
# the initial model answers in float32: near certainty one step of it moves the log odds by a percent, so these rows stay away from it
MILD = [[v / 4 for v in row] for row in d.X[:12].tolist()] + d.matrix_rows(d.X)[-8:]
for name, y in {"yesno": d.YESNO, "three": d.THREE}.items():
    add(f"GradientBoostingClassifier-zero-{name}", lambda v, y=y: en.GradientBoostingClassifier(init="zero", **SMALL).fit(d.X, y))
    add(f"GradientBoostingClassifier-init-{name}", lambda v, y=y: en.GradientBoostingClassifier(init=LogisticRegression(), **SMALL).fit(d.X, y), rows=MILD, exact="loose", tolerance=1e-4)
add("GradientBoostingClassifier-init-exponential", lambda v: en.GradientBoostingClassifier(init=LogisticRegression(), loss="exponential", **SMALL).fit(d.X, d.YESNO), rows=MILD, exact="loose", tolerance=1e-4)
RARE = np.where(np.arange(d.N) == 4, "rare", "usual")
add("GradientBoostingClassifier-rare", lambda v: en.GradientBoostingClassifier(**SMALL).fit(d.X, RARE))
# a start at the clip: the initial model is certain, so the eps of the version shows
add("GradientBoostingClassifier-certain", lambda v: en.GradientBoostingClassifier(init=en.RandomForestClassifier(n_estimators=1, bootstrap=False, random_state=0), **SMALL).fit(d.X, d.YESNO), exact="near")
add("GradientBoostingClassifier-certain-three", lambda v: en.GradientBoostingClassifier(init=en.RandomForestClassifier(n_estimators=1, bootstrap=False, random_state=0), **SMALL).fit(d.X, d.THREE), exact="near")
# raw scores of exactly 0: the tie rule of the version shows
add("GradientBoostingClassifier-tie", lambda v: en.GradientBoostingClassifier(init="zero", min_samples_leaf=80, **SMALL).fit(d.X, d.YESNO))
add("GradientBoostingClassifier-tie-three", lambda v: en.GradientBoostingClassifier(init="zero", min_samples_leaf=80, **SMALL).fit(d.X[:90], np.repeat(["a", "b", "c"], 30)))
add("GradientBoostingClassifier-tie-exponential", lambda v: en.GradientBoostingClassifier(init="zero", loss="exponential", min_samples_leaf=80, **SMALL).fit(d.X, d.YESNO))

HGB, add = table("hgb", extra=("sk113", "sk122", "sk142"), exact={"*": "exact", "predict_proba": "near"})
TINY = dict(max_iter=6, max_leaf_nodes=8, min_samples_leaf=4, learning_rate=.3, random_state=0)


def hist_loss(v, name):
    if v >= (1, 1):
        return name
    if v >= (1, 0):
        return {"log_loss": "auto"}.get(name, name)
    return {"squared_error": "least_squares", "absolute_error": "least_absolute_deviation", "log_loss": "auto"}.get(name, name)


CAT = np.column_stack([d.X[:, :2], d.FRAME["zone"].to_numpy(float), d.X[:, 3]])
CAT_NAN = CAT.copy()
CAT_NAN[np.random.RandomState(3).rand(*CAT.shape) < .12] = np.nan
CAT_ROWS = d.matrix_rows(CAT) + [[.5, -.5, c, e] for c in (0., 1., 2., 7., 9., -1., 255., 1.7, None) for e in (0., 5., 17., -3., None)]
for loss, y, since in (("squared_error", d.REAL, (0, 24)), ("absolute_error", d.REAL, (0, 24)), ("poisson", d.COUNTS, (0, 24)), ("quantile", d.REAL, (1, 1)), ("gamma", d.POSITIVE, (1, 3))):
    for name, x in {"": d.X, "-nan": d.X_NAN}.items():
        add(f"HistGradientBoostingRegressor-{loss}{name}", lambda v, n=loss, y=y, x=x: en.HistGradientBoostingRegressor(loss=hist_loss(v, n), **TINY, **({"quantile": .7} if n == "quantile" else {})).fit(x, y), x=x, since=since,
            exact="near" if loss in ("poisson", "gamma") else "exact")
for name, y in {"yesno": d.YESNO, "three": d.THREE, "bools": d.BOOLS, "floats": d.FLOATS, "huge": d.HUGE, "ten": d.TEN}.items():
    add(f"HistGradientBoostingClassifier-{name}", lambda v, y=y: en.HistGradientBoostingClassifier(**{**TINY, "max_iter": 3}).fit(d.X_NAN, y), x=d.X_NAN)
for x, label in ((CAT, ""), (CAT_NAN, "-nan")):
    add(f"HistGradientBoostingRegressor-categorical{label}", lambda v, x=x: en.HistGradientBoostingRegressor(categorical_features=[2, 3], **TINY).fit(x, d.REAL), rows=CAT_ROWS)
    add(f"HistGradientBoostingRegressor-categorical-mask{label}", lambda v, x=x: en.HistGradientBoostingRegressor(categorical_features=[False, False, False, True], **TINY).fit(x, d.REAL), rows=CAT_ROWS)
    for name, y in {"yesno": d.YESNO, "three": d.THREE}.items():
        add(f"HistGradientBoostingClassifier-categorical-{name}{label}", lambda v, x=x, y=y: en.HistGradientBoostingClassifier(categorical_features=[2, 3], **{**TINY, "max_iter": 3}).fit(x, y), rows=CAT_ROWS)
MIXED = ["age", "fare", "city", "plan", "zone"]


def as_category(frame):
    frame = frame.copy()
    for name in ("city", "plan"):
        frame[name] = frame[name].astype("category")
    return frame


for name, frame in {"": d.FRAME, "-nan": d.FRAME_NAN}.items():
    add(f"HistGradientBoostingRegressor-names{name}", lambda v, f=frame: en.HistGradientBoostingRegressor(categorical_features=["city", "plan"], **TINY).fit(f, d.REAL), rows=d.FRAME_ROWS, kind="frame", columns=d.FRAME_COLUMNS, since=(1, 4))
    add(f"HistGradientBoostingClassifier-names{name}", lambda v, f=frame: en.HistGradientBoostingClassifier(categorical_features=["plan", "city"], **TINY).fit(f, d.YESNO), rows=d.FRAME_ROWS, kind="frame", columns=d.FRAME_COLUMNS, since=(1, 4))
add("HistGradientBoostingRegressor-monotonic", lambda v: en.HistGradientBoostingRegressor(monotonic_cst=[1, -1, 0, 0, 0], **TINY).fit(d.X, d.REAL))
add("HistGradientBoostingRegressor-interactions", lambda v: en.HistGradientBoostingRegressor(interaction_cst=[{0, 1}, {2, 3, 4}], **TINY).fit(d.X, d.REAL), since=(1, 2))
add("HistGradientBoostingRegressor-regularised", lambda v: en.HistGradientBoostingRegressor(l2_regularization=2., max_bins=8, **TINY).fit(d.X, d.REAL, sample_weight=d.WEIGHTS))
add("HistGradientBoostingRegressor-early", lambda v: en.HistGradientBoostingRegressor(early_stopping=True, validation_fraction=.2, **{**TINY, "max_iter": 30}).fit(d.X, d.REAL))
add("HistGradientBoostingRegressor-no-split", lambda v: en.HistGradientBoostingRegressor(**{**TINY, "min_samples_leaf": 80}).fit(d.X, d.REAL))
add("HistGradientBoostingRegressor-all-missing", lambda v: en.HistGradientBoostingRegressor(**TINY).fit(np.column_stack([d.X[:, 0], np.where(np.arange(d.N) < 80, np.nan, 2. * d.X[:, 1]), np.where(d.BINARY == 1, np.nan, 1.)]), d.REAL),
    x=d.X_NAN[:, :3])
add("HistGradientBoostingClassifier-balanced", lambda v: en.HistGradientBoostingClassifier(class_weight="balanced", **TINY).fit(d.X, d.THREE), since=(1, 2))


def tie(raw):
    """A raw score so small that both probabilities are 0.5: before 1.5 the class is argmax of those, from then on the score's sign."""
    model = en.HistGradientBoostingClassifier(**{**TINY, "min_samples_leaf": 80, "max_iter": 1}).fit(d.X, d.YESNO)
    model._baseline_prediction = np.full_like(model._baseline_prediction, raw)
    return model


for name, raw in {"zero": 0.0, "above": 1e-18, "below": -1e-18}.items():
    add(f"HistGradientBoostingClassifier-tie-{name}", lambda v, raw=raw: tie(raw))
CASES = GB + HGB
