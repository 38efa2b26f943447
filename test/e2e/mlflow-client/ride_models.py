# Logs three models of the worked example's shape, and one that does not fit it, with MLflow's own client; prints what the test
# needs to know as one line of JSON.
import json
import os
import pickle
import tempfile
import warnings

warnings.simplefilter("ignore")
import mlflow
from mlflow import MlflowClient
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

three = int(mlflow.__version__.split(".")[0]) >= 3
mlflow.set_experiment("rides")
client = MlflowClient()
rows = [{"PU_DO": f"{a}_{b}", "trip_distance": float(a * b)} for a in range(1, 5) for b in range(1, 5)]


def log(scale, named="PU_DO"):
    x = [{named: row["PU_DO"], "trip_distance": row["trip_distance"]} for row in rows]
    y = [scale * row["trip_distance"] + 1 for row in rows]
    with mlflow.start_run() as run:
        model = make_pipeline(DictVectorizer(), LinearRegression()).fit(x, y)
        extra = {"name": "model", "serialization_format": "cloudpickle"} if three else {"artifact_path": "model"}
        mlflow.sklearn.log_model(model, registered_model_name="ride", **extra)
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "dict_vectorizer.bin"), "wb") as file:
                pickle.dump(model[0], file)
            mlflow.log_artifact(os.path.join(folder, "dict_vectorizer.bin"))
        bare = {**extra, "name": "bare"} if three else {"artifact_path": "bare"}
        mlflow.sklearn.log_model(model[1], **bare)
    return run.info.run_id


told = {"runs": [log(2.0), log(3.0), log(4.0), log(5.0, "OTHER")]}
client.set_registered_model_alias("ride", "champion", "1")
print(json.dumps(told))
