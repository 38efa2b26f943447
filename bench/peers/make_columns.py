"""For peers that cannot take a dict: models over three ready columns, as MLflow and MLServer want them.

  make_columns.py PIPELINE.pkl FOLDER

Written: forest/ (MLServer's folder of a forest with the worked example's settings), mlflow/ (the same as an MLflow model), linear/
(a least-squares model), forest500.pkl (500 trees), and large/ (100 trees with about 1.6 million nodes). Everything is seeded.
"""
import os
import pickle
import sys

import joblib
import mlflow.sklearn
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression

with open(sys.argv[1], "rb") as file:
    pipeline = pickle.load(file)
folder = sys.argv[2]


def rides(count, seed):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "PULocationID": random.integers(1, 266, count).astype(float),
            "DOLocationID": random.integers(1, 266, count).astype(float),
            "trip_distance": random.exponential(3.0, count),
        }
    )
    return frame, random


def mlserver_folder(name, model):
    os.makedirs(f"{folder}/{name}", exist_ok=True)
    joblib.dump(model, f"{folder}/{name}/model.joblib")
    with open(f"{folder}/{name}/model-settings.json", "w") as file:
        file.write(
            '{"name": "%s", "implementation": "mlserver_sklearn.SKLearnModel", "parameters": {"uri": "./model.joblib"}}' % name
        )


def forest(trees, x, y, **settings):
    model = RandomForestRegressor(trees, n_jobs=2, random_state=0, **settings).fit(x, y)
    model.n_jobs = 1
    return model


frame, random = rides(8000, 0)
pipeline[-1].n_jobs = 1
target = pipeline.predict(
    [{"PU_DO": f"{int(a)}_{int(b)}", "trip_distance": c} for a, b, c in frame.itertuples(index=False)]
) + random.normal(size=len(frame))
given = pipeline[-1]
settings = {"max_depth": given.max_depth, "min_samples_leaf": given.min_samples_leaf}
columns = forest(len(given.estimators_), frame.values, target, **settings)
mlserver_folder("forest", columns)
named = forest(len(given.estimators_), frame, target, **settings)
mlflow.sklearn.save_model(
    named,
    f"{folder}/mlflow",
    signature=mlflow.models.infer_signature(frame, target),
    pip_requirements=["scikit-learn"],
    serialization_format="cloudpickle",
)
mlserver_folder("linear", LinearRegression().fit(frame.values, target))
with open(f"{folder}/forest500.pkl", "wb") as file:
    pickle.dump(forest(500, frame, target, max_depth=10), file)
many, random = rides(12_700, 1)
large = forest(100, many.values, random.normal(size=len(many)))
print(sum(tree.tree_.node_count for tree in large.estimators_), "nodes")
mlserver_folder("large", large)
