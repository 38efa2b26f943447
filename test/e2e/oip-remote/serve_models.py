"""Trains small models and serves them with the real MLServer.

  serve_models.py FOLDER HTTP_PORT GRPC_PORT METRICS_PORT
"""
import json, os, pickle, sys

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

folder, http, grpc, metrics = sys.argv[1:]


def save(name, model, settings):
    os.makedirs(f"{folder}/{name}")
    with open(f"{folder}/{name}/model.pkl", "wb") as file:
        pickle.dump(model, file)
    implementation = "mlserver_sklearn.SKLearnModel"
    with open(f"{folder}/{name}/model-settings.json", "w") as file:
        json.dump({"name": name, "implementation": implementation, "parameters": {"uri": "./model.pkl"}, **settings}, file)


random = np.random.default_rng(0)
x = random.normal(size=(80, 4))
save(
    "classes",
    RandomForestClassifier(n_estimators=5, max_depth=4, random_state=0).fit(x, np.where(x[:, 0] + x[:, 1] > 0, 1, 0)),
    {
        "inputs": [{"name": "x", "datatype": "FP64", "shape": [-1, 4]}],
        "outputs": [
            {"name": "predict", "datatype": "INT64", "shape": [-1, 1]},
            {"name": "predict_proba", "datatype": "FP64", "shape": [-1, 2]},
        ],
    },
)
frame = pd.DataFrame({"distance": np.abs(x[:, 0]) * 5, "hour": (np.abs(x[:, 1]) * 8).astype("int64")})
save(
    "duration",
    RandomForestRegressor(n_estimators=5, max_depth=5, random_state=0).fit(frame, frame["distance"] * 3 + frame["hour"] + x[:, 2]),
    {
        "parameters": {"uri": "./model.pkl", "content_type": "pd", "version": "v7"},
        "inputs": [
            {"name": "distance", "datatype": "FP64", "shape": [-1, 1]},
            {"name": "hour", "datatype": "INT64", "shape": [-1, 1]},
        ],
        "outputs": [{"name": "predict", "datatype": "FP64", "shape": [-1, 1]}],
    },
)
# What many a real model folder is: nothing is said of what it takes.
save("silent", RandomForestRegressor(n_estimators=2, random_state=0).fit(x, x[:, 0]), {})

os.environ.update(
    MLSERVER_HOST="127.0.0.1",
    MLSERVER_HTTP_PORT=http,
    MLSERVER_GRPC_PORT=grpc,
    MLSERVER_METRICS_PORT=metrics,
    MLSERVER_PARALLEL_WORKERS="0",
    MLSERVER_METRICS_DIR=folder,
)
from mlserver.cli import main

sys.argv = ["mlserver", "start", folder]
main()
