"""Logs the small models that both servers serve: log_models.py FOLDER"""
import os
import sys

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema, TensorSpec
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.compose import make_column_transformer
from sklearn.tree import DecisionTreeRegressor

folder = sys.argv[1]
rng = np.random.default_rng(7)
frame = pd.DataFrame({"a": rng.normal(size=60), "b": rng.normal(size=60), "n": rng.integers(0, 9, 60)})
target = frame.a * 2 - frame.b + frame.n
labels = np.where(target > target.median(), "high", "low")
columns = [ColSpec("double", "a"), ColSpec("float", "b"), ColSpec("long", "n")]


def save(name, model, signature=None, **options):
    mlflow.sklearn.save_model(model, os.path.join(folder, name), signature=signature, serialization_format="cloudpickle", **options)


regressor = LinearRegression().fit(frame, target)
save("regressor", regressor, ModelSignature(Schema(columns), Schema([ColSpec("double")])))
optional = [columns[0], columns[1], ColSpec("long", "n", required=False)]
save("optional", DecisionTreeRegressor(random_state=0).fit(frame, target), ModelSignature(Schema(optional)))
classifier = LogisticRegression().fit(frame, labels)
params = ParamSchema([ParamSpec("threshold", "double", 0.5)])
save("classifier", classifier, ModelSignature(Schema(columns), None, params))
save("proba", classifier, ModelSignature(Schema(columns)), pyfunc_predict_fn="predict_proba")
matrix = LinearRegression().fit(frame.to_numpy(), target)
save("tensor", matrix, ModelSignature(Schema([TensorSpec(np.dtype("float64"), (-1, 3))])))
save("unnamed", matrix, ModelSignature(Schema([ColSpec("double"), ColSpec("double"), ColSpec("double")])))
save("bare", matrix)
save("names", regressor)
mixed = pd.DataFrame({"city": ["Ulm", "Bonn", "Ulm", "Kiel"] * 5, "km": np.arange(20.0), "old": [True, False] * 10})
encoder = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["city"]), remainder="passthrough")
mixed_columns = [ColSpec("string", "city"), ColSpec("double", "km"), ColSpec("boolean", "old")]
save("mixed", make_pipeline(encoder, LinearRegression()).fit(mixed, mixed.km * 3), ModelSignature(Schema(mixed_columns)))
one = LinearRegression().fit(frame[["a"]], target)
save("one", one, ModelSignature(Schema([ColSpec("double", "a")])))
