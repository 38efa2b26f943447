"""Writes test/golden/own-classes: models with classes of one's own, dicts of parts, and refusals. Run by hand in a venv with
scikit-learn 1.5.1 and cloudpickle:

    python3 test/golden/make_own_classes.py

The classes are made in modules that exist only here; a pickle holds their names and attributes, never their code.
"""
import datetime
import json
import pathlib
import pickle
import sys
import types

import cloudpickle
import numpy
import sklearn
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

folder = pathlib.Path(__file__).resolve().parent / "own-classes"
folder.mkdir(exist_ok=True)
recorded = {"versions": {"python": sys.version.split()[0], "scikit-learn": sklearn.__version__, "numpy": numpy.__version__}}


class DateParts(TransformerMixin, BaseEstimator):
    """Days (`2024-02-29`) to year since `since`, month and weekday."""

    def __init__(self, since=2000):
        self.since = since

    def fit(self, X, y=None):
        self.n_features_in_ = numpy.asarray(X).shape[1]
        return self

    def transform(self, X):
        days = [[datetime.date.fromisoformat(day) for day in row] for row in numpy.asarray(X)]
        return numpy.array([[n for d in row for n in (d.year - self.since, d.month, d.weekday())] for row in days], float)


class TwiceRegressor(BaseEstimator):
    """Twice a linear regression over a scaler of its own, less one."""

    def fit(self, X, y):
        self.scaler_ = StandardScaler().fit(X)
        self.regressor_ = LinearRegression().fit(self.scaler_.transform(X), (y + 1) / 2)
        self.weights_ = numpy.array([[0.5, 0.25], [1.0, 2.0]])
        self.names_ = ["left", "right"]
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X):
        return self.regressor_.predict(self.scaler_.transform(X)) * 2 - 1


def place(module, cls):
    parts = module.split(".")
    for end in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:end]), types.ModuleType(".".join(parts[:end])))
    cls.__module__ = module
    setattr(sys.modules[module], cls.__name__, cls)


def write(name, model, protocol=4, rows=None, method="predict"):
    (folder / name).write_bytes(pickle.dumps(model, protocol=protocol))
    if rows is not None:
        recorded[name] = {"rows": rows, method: getattr(model, method)(rows).tolist()}


days = [["2024-02-29"], ["1999-12-31"], ["2021-03-01"], ["2022-07-14"], ["2023-11-05"]]
y = numpy.array([1.0, 2.5, 3.0, 4.5, 8.0])
numbers = [[0.5, 1.0], [2.0, -1.0], [3.5, 0.25], [1.0, 4.0], [-2.0, 0.0]]

place("acme.features", DateParts)
place("acme.models", TwiceRegressor)
write("date-parts.pkl", make_pipeline(DateParts(since=1990), LinearRegression()).fit(days, y), rows=days)
write("date-parts-protocol0.pkl", make_pipeline(DateParts(since=1990), LinearRegression()).fit(days, y), 0, rows=days)
write("date-parts-alone.pkl", DateParts(since=1990).fit(days), rows=days, method="transform")
write("twice-regressor.pkl", TwiceRegressor().fit(numpy.array(numbers), y))
recorded["twice-regressor.pkl"] = {"rows": numbers, "predict": TwiceRegressor().fit(numpy.array(numbers), y).predict(numbers).tolist()}

mixed = numpy.array([[1.5, "2024-02-29"], [0.5, "1999-12-31"], [2.5, "2021-03-01"]], dtype=object)
columns = ColumnTransformer([("num", StandardScaler(), [0]), ("cat", make_pipeline(DateParts()), [1])])
nested = Pipeline([("features", columns), ("model", LinearRegression())]).fit(mixed, [1.0, 2.0, 3.0])
write("nested.pkl", nested)
recorded["nested.pkl"] = {"rows": mixed.tolist(), "predict": nested.predict(mixed).tolist()}

place("__main__", DateParts)
write("main-class.pkl", make_pipeline(DateParts(), LinearRegression()).fit(days, y))

# Compiled under a made-up file name and without globals: cloudpickle writes the name of the file that a lambda stands in.
doubled = eval(compile("lambda X: X * 2", "notebook", "eval"), {"__name__": "__main__"})
(folder / "lambda.pkl").write_bytes(
    cloudpickle.dumps(make_pipeline(FunctionTransformer(doubled), LinearRegression()).fit(numpy.array(numbers), y), protocol=4)
)
write("unfitted.pkl", make_pipeline(StandardScaler(), LinearRegression()))

rides = [{"PU_DO": "1_2", "miles": 1.5}, {"PU_DO": "3_4", "miles": 2.5}, {"PU_DO": "1_2", "miles": 4.0}]
vectorizer = DictVectorizer()
model = LinearRegression().fit(vectorizer.fit_transform(rides), [5.0, 7.0, 11.0])
write("parts.pkl", {"dv": vectorizer, "model": model, "threshold": 0.5, "meta": {"author": "a"}})
recorded["parts.pkl"] = {"rows": rides, "predict": model.predict(vectorizer.transform(rides)).tolist()}
write("triple.pkl", (vectorizer, model, {"author": "a"}))

write("matrix.pkl", LinearRegression().fit(numpy.array(numbers), y), rows=numbers)

(folder / "recorded.json").write_text(json.dumps(recorded, indent=1) + "\n")
