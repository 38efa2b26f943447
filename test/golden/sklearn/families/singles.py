"""float32 through vectorizers and encoders into linear models that were fitted on it; and such models asked in float64."""
import numpy as np
from sklearn import calibration as cal, ensemble as en, linear_model as lm, multiclass as mc, preprocessing as pp, svm
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.pipeline import make_pipeline

from case import table
import data as d

CASES, add = table("singles", exact="near", envs=("sk024", "sk102", "sk113", "sk132", "sk151", "sk180", "sk191"))

SINGLE = np.float32
RECORDS = [{"a": "xyz"[i % 3], "b": "pqrst"[i % 5], "c": 0.1 + 0.37 * (i % 7), "e": 1 / (1 + i % 4)} for i in range(40)]
RECORD_ROWS = [*RECORDS[:8], {"a": "x", "b": "new", "c": 0.3, "e": 1e-3}, {"a=x": 0.7, "a": "x", "c": 1 / 3}, {"c": -12.7, "e": 3.14159}, {}, {"c": 1e30}, {"c": 1e39}]
TWO = np.array([["no", "yes"][(i * 7) % 5 % 2] for i in range(40)])
THREE = np.array([(i * 7) % 5 % 3 for i in range(40)])
REALS = np.array([0.21 * i + (i % 3) for i in range(40)])
WORDS = ["red", "green", "blue", "old", "new", "house", "tree", "sky", "sea"]
TEXTS = [" ".join(WORDS[(i * k) % 9] for k in range(1, 2 + i % 8)) for i in range(40)]
TEXT_ROWS = [*TEXTS[:9], "", "unknown words only", "red red red sky"]
TABLE = np.array([["abc"[i % 3], "xyzw"[i % 4]] for i in range(40)], dtype=object)
TABLE_ROWS = [["a", "x"], ["b", "y"], ["c", "w"], ["a", "z"]]
MATRIX = np.array([[0.1 * i, 1 / (1 + i), (i * 13 % 7) * 0.3] for i in range(40)])

LINEAR = [("LogisticRegression", lambda v: lm.LogisticRegression(), TWO), ("LogisticRegression-three", lambda v: lm.LogisticRegression(), THREE),
          ("Ridge", lambda v: lm.Ridge(), REALS), ("LinearRegression", lambda v: lm.LinearRegression(), REALS), ("SGDClassifier", lambda v: lm.SGDClassifier(random_state=0), TWO),
          ("SGDClassifier-three", lambda v: lm.SGDClassifier(random_state=0), THREE), ("SGDRegressor", lambda v: lm.SGDRegressor(random_state=0), REALS),
          ("LinearSVC", lambda v: svm.LinearSVC(random_state=0), THREE), ("RidgeClassifier", lambda v: lm.RidgeClassifier(), TWO), ("Lasso", lambda v: lm.Lasso(alpha=0.01), REALS),
          ("Poisson", lambda v: lm.PoissonRegressor(), REALS), ("Huber", lambda v: lm.HuberRegressor(), REALS), ("BayesianRidge", lambda v: lm.BayesianRidge(), REALS)]
# Products in float32, whose order is the library's own, plus an intercept in float64: float32's tolerance in a float64 column.
WIDENED = dict(exact="loose", tolerance=1e-6)
SPARSE_UNTIL = {"SGDClassifier": (1, 9), "SGDClassifier-three": (1, 9), "SGDRegressor": (1, 9), "LinearSVC": (1, 9), "Lasso": (1, 9)}
for name, build, y in LINEAR:
    if name != "BayesianRidge":
        add(f"dict-{name}", lambda v, b=build, y=y: make_pipeline(DictVectorizer(dtype=SINGLE), b(v)).fit(RECORDS, y), rows=RECORD_ROWS, kind="records", until=SPARSE_UNTIL.get(name, (99,)))
    add(f"dense-{name}", lambda v, b=build, y=y: make_pipeline(DictVectorizer(dtype=SINGLE, sparse=False), b(v)).fit(RECORDS, y), rows=RECORD_ROWS, kind="records", **(WIDENED if "SGD" in name else {}))
    add(f"asked-in-double-{name}", lambda v, b=build, y=y: b(v).fit(MATRIX.astype(SINGLE), y), x=MATRIX, edges=False)
for name, build, y in LINEAR[:2] + LINEAR[4:6]:
    add(f"hashing-{name}", lambda v, b=build, y=y: make_pipeline(HashingVectorizer(n_features=64, dtype=SINGLE), b(v)).fit(TEXTS, y), rows=[[text] for text in TEXT_ROWS], kind="texts")
    add(f"tfidf-{name}", lambda v, b=build, y=y: make_pipeline(TfidfVectorizer(dtype=SINGLE), b(v)).fit(TEXTS, y), rows=[[text] for text in TEXT_ROWS], kind="texts", **(WIDENED if "SGD" in name else {}))
    add(f"count-{name}", lambda v, b=build, y=y: make_pipeline(CountVectorizer(dtype=SINGLE), b(v)).fit(TEXTS, y), rows=[[text] for text in TEXT_ROWS], kind="texts", container="pickle4")
    add(f"onehot-{name}", lambda v, b=build, y=y: make_pipeline(pp.OneHotEncoder(dtype=SINGLE), b(v)).fit(TABLE, y), rows=TABLE_ROWS, kind="cells")
    add(f"scaled-{name}", lambda v, b=build, y=y: make_pipeline(DictVectorizer(dtype=SINGLE), pp.MaxAbsScaler(), b(v)).fit(RECORDS, y), rows=RECORD_ROWS, kind="records")
add("ovr", lambda v: make_pipeline(DictVectorizer(dtype=SINGLE), mc.OneVsRestClassifier(lm.LogisticRegression())).fit(RECORDS, THREE), rows=RECORD_ROWS, kind="records")
add("calibrated", lambda v: make_pipeline(DictVectorizer(dtype=SINGLE), cal.CalibratedClassifierCV(svm.LinearSVC(random_state=0), cv=2)).fit(RECORDS, TWO), rows=RECORD_ROWS, kind="records")
add("voting", lambda v: make_pipeline(DictVectorizer(dtype=SINGLE), en.VotingClassifier([("a", lm.LogisticRegression()), ("b", lm.LogisticRegression(C=0.1))], voting="soft")).fit(RECORDS, THREE), rows=RECORD_ROWS, kind="records")
