# Fills a file store of MLflow with a little of everything, and says what its own client then reads from it.
import json
import os
import sys

folder = sys.argv[1]
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
import mlflow
import numpy
from mlflow.entities import ViewType
from mlflow.tracking import MlflowClient
from sklearn.linear_model import LinearRegression

mlflow.set_tracking_uri("file:" + folder)
client = MlflowClient()
is3 = mlflow.__version__.startswith("3.")
experiment = client.create_experiment("rides é", tags={"team": "green"})
gone = client.create_experiment("old")
with mlflow.start_run(experiment_id=experiment, run_name="first", tags={"a b": "x/y", "lines": "l1\nl2"}):
    mlflow.log_params({"depth": 3, "nested/p": "v"})
    for step in range(25):
        mlflow.log_metric("rmse", 10 - step / 3, step=step)
    mlflow.log_metric("nested/loss", float("nan"))
    mlflow.log_metric("inf", float("inf"))
    data = mlflow.data.from_numpy(numpy.array([[1.0], [2.0]]), name="rides")
    mlflow.log_input(data, context="training")
    model = LinearRegression().fit([[1], [2]], [1, 2])
    named = {"name": "model"} if is3 else {"artifact_path": "model"}
    if mlflow.__version__.startswith("3.1"):
        named["serialization_format"] = "cloudpickle"
    for _ in range(2):
        info = mlflow.sklearn.log_model(model, registered_model_name="ride", **named)
    if is3:
        # Its own reader loses the step of such a line.
        mlflow.log_metric("acc", 0.5, step=0, model_id=info.model_id, dataset=data)
with mlflow.start_run(experiment_id=gone):
    mlflow.log_metric("m", 1)
client.set_registered_model_alias("ride", "champion", "1")
client.set_registered_model_tag("ride", "owner", "me")
client.set_model_version_tag("ride", "2", "v", "2")
client.update_registered_model("ride", description="two\nlines: é")
client.transition_model_version_stage("ride", "2", "Staging")
client.delete_experiment(gone)
other = client.create_run(experiment)
client.log_metric(other.info.run_id, "k", 1, timestamp=5)
client.delete_run(other.info.run_id)

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from read_store import everything

print(json.dumps(everything(client)))
