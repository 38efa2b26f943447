"""For peers that cannot take a dict: a forest like the worked example's over three ready columns, as MLflow and MLServer
want it; and a forest of 500 trees over the same columns.

  make_columns.py PIPELINE.pkl FOLDER
"""
import os
import pickle
import sys

import joblib
import mlflow.sklearn
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor

with open(sys.argv[1], "rb") as file:
    pipeline = pickle.load(file)
folder = sys.argv[2]
random = np.random.default_rng(0)
count = 8000
frame = pd.DataFrame(
    {
        "PULocationID": random.integers(1, 266, count).astype(float),
        "DOLocationID": random.integers(1, 266, count).astype(float),
        "trip_distance": random.exponential(3.0, count),
    }
)
pipeline[-1].n_jobs = 1
target = pipeline.predict(
    [{"PU_DO": f"{int(a)}_{int(b)}", "trip_distance": c} for a, b, c in frame.itertuples(index=False)]
) + random.normal(size=count)
forest = pipeline[-1]
settings = {"max_depth": forest.max_depth, "min_samples_leaf": forest.min_samples_leaf, "random_state": 0}
columns = RandomForestRegressor(n_estimators=len(forest.estimators_), n_jobs=2, **settings).fit(frame.values, target)
columns.n_jobs = 1
os.makedirs(f"{folder}/forest", exist_ok=True)
joblib.dump(columns, f"{folder}/forest/model.joblib")
with open(f"{folder}/forest/model-settings.json", "w") as file:
    file.write(
        '{"name": "forest", "implementation": "mlserver_sklearn.SKLearnModel", "parameters": {"uri": "./model.joblib"}}'
    )
mlflow.sklearn.save_model(columns, f"{folder}/mlflow", pip_requirements=["scikit-learn"])
many = RandomForestRegressor(n_estimators=500, max_depth=10, n_jobs=2, random_state=0).fit(frame, target)
many.n_jobs = 1
with open(f"{folder}/forest500.pkl", "wb") as file:
    pickle.dump(many, file)
