# Logs models and figures with MLflow's own client, and prints what the test needs to know as one line of JSON.
import json
import os
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")
import mlflow
import numpy as np
from mlflow import MlflowClient
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LinearRegression

three = int(mlflow.__version__.split(".")[0]) >= 3
mlflow.set_experiment("rides é")
client = MlflowClient()
x = np.arange(12.0).reshape(6, 2)
told = {"version": mlflow.__version__}


def log(scale, name):
    y = x @ np.array([scale, 0.5]) + 1
    with mlflow.start_run() as run:
        model = LinearRegression().fit(x, y)
        extra = {"name": "model", "serialization_format": "cloudpickle"} if three else {"artifact_path": "model"}
        info = mlflow.sklearn.log_model(model, registered_model_name=name, input_example=x[:2], **extra)
        mlflow.log_params({"scale": scale, "weird": "a\nb"})
        for step in range(30):
            mlflow.log_metric("rmse", 1.0 / (step + 1), step=step)
        mlflow.log_metric("nan", float("nan"))
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "blob.bin"), "wb") as file:
                file.write(bytes(range(256)) * 40_000)
            mlflow.log_artifact(os.path.join(folder, "blob.bin"), "deep/é b")
            import pickle

            rows = [{"a": "x", "b": 1.0}, {"a": "y", "b": 2.0}]
            vectorizer = DictVectorizer().fit(rows)
            fitted = LinearRegression().fit(vectorizer.transform(rows), [1.0, 2.0])
            with open(os.path.join(folder, "both.bin"), "wb") as file:
                pickle.dump((vectorizer, fitted), file)
            with open(os.path.join(folder, "dict_vectorizer.bin"), "wb") as file:
                pickle.dump(vectorizer, file)
            mlflow.log_artifact(os.path.join(folder, "both.bin"))
            mlflow.log_artifact(os.path.join(folder, "dict_vectorizer.bin"))
    return run.info, getattr(info, "model_id", None), model.predict(x[:1])[0]


first, first_id, told["first"] = log(2.0, "ride-duration")
second, second_id, told["second"] = log(3.0, "ride-duration")
client.set_registered_model_alias("ride-duration", "champion", "1")
client.transition_model_version_stage("ride-duration", "2", "Production")
with mlflow.start_run() as empty:
    mlflow.log_param("a", 1)
told.update(
    run=first.run_id,
    experiment=first.experiment_id,
    artifact_uri=first.artifact_uri,
    location=client.get_model_version_download_uri("ride-duration", "1"),
    model_id=first_id,
    empty=empty.info.run_id,
)
print(json.dumps(told))
sys.stdout.flush()
