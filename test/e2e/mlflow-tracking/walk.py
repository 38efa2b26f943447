# Calls every endpoint that our server answers through MLflow's own client, and prints what came of it as one line of JSON.
import json
import os
import sys
import warnings

import mlflow
import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException
from sklearn.linear_model import LinearRegression

warnings.simplefilter("ignore")
mlflow.set_tracking_uri(sys.argv[1])
client = mlflow.MlflowClient()
is3 = mlflow.__version__ >= "3"
out = {}


def refused(call):
    try:
        call()
    except MlflowException as error:
        return error.error_code
    return "accepted"


experiment = client.get_experiment(client.create_experiment("walk", tags={"team": "a"}))
out["default"] = client.get_experiment("0").name
out["taken"] = refused(lambda: client.create_experiment("walk"))
mlflow.set_experiment("walk")
with mlflow.start_run(run_name="first") as run:
    mlflow.log_param("depth", 3)
    mlflow.log_params({"a": "x", "b": 2})
    for step in range(3):
        mlflow.log_metric("rmse", 1.0 / (step + 1), step=step)
    mlflow.log_metrics({"nan": float("nan"), "inf": float("inf")})
    mlflow.set_tag("stage", "dev")
    mlflow.set_tags({"x": "y"})
    mlflow.log_text("hello", "d/a b.txt")
    mlflow.log_dict({"a": 1}, "é.json")
    with open("plain.bin", "wb") as file:
        file.write(bytes(range(256)))
    mlflow.log_artifact("plain.bin")
    mlflow.log_input(mlflow.data.from_pandas(pd.DataFrame({"a": [1, 2]}), name="rides"), context="training")
run_id = run.info.run_id
got = client.get_run(run_id)
out["run"] = {
    "name": got.info.run_name,
    "status": got.info.status,
    "params": got.data.params,
    "rmse": got.data.metrics["rmse"],
    "nan": bool(np.isnan(got.data.metrics["nan"])),
    "inf": got.data.metrics["inf"] > 1e308,
    "stage": got.data.tags["stage"],
    "dataset": got.inputs.dataset_inputs[0].dataset.name,
}
out["history"] = [[m.step, m.value] for m in client.get_metric_history(run_id, "rmse")]
out["immutable"] = refused(lambda: client.log_param(run_id, "depth", 4))
out["files"] = sorted(f.path for f in client.list_artifacts(run_id)) + [f.path for f in client.list_artifacts(run_id, "d")]
out["text"] = mlflow.artifacts.load_text(f"runs:/{run_id}/d/a b.txt")
out["bytes"] = open(mlflow.artifacts.download_artifacts(f"runs:/{run_id}/plain.bin"), "rb").read() == bytes(range(256))
client.delete_tag(run_id, "stage")
client.update_run(run_id, name="renamed")
client.delete_run(run_id)
out["deleted"] = [client.get_run(run_id).info.lifecycle_stage, len(mlflow.search_runs())]
client.restore_run(run_id)
out["restored"] = [client.get_run(run_id).info.run_name, len(mlflow.search_runs())]
client.set_experiment_tag(experiment.experiment_id, "k", "v")
out["experiments"] = [e.name for e in client.search_experiments(filter_string="tags.k = 'v'")]
client.rename_experiment(experiment.experiment_id, "walk2")
client.delete_experiment(experiment.experiment_id)
out["gone"] = [client.get_experiment_by_name("walk2").lifecycle_stage, refused(lambda: client.create_run(experiment.experiment_id))]
client.restore_experiment(experiment.experiment_id)

mlflow.set_experiment("models")
model = LinearRegression().fit(np.array([[1.0], [2.0]]), np.array([1.0, 2.0]))
with mlflow.start_run() as run:
    mlflow.log_metric("rmse", 1.5)
    place = {"name": "model"} if is3 else {"artifact_path": "model"}
    mlflow.sklearn.log_model(model, **place, registered_model_name="ride")
run_id = run.info.run_id
out["second"] = str(mlflow.register_model(f"runs:/{run_id}/model", "ride").version)
client.set_registered_model_alias("ride", "champion", "1")
client.set_model_version_tag("ride", "1", "k", "v")
client.set_registered_model_tag("ride", "a", "b")
client.transition_model_version_stage("ride", "2", "Production", archive_existing_versions=True)
uris = ["models:/ride@champion", "models:/ride/2", "models:/ride/latest", "models:/ride/Production", f"runs:/{run_id}/model"]
out["loads"] = [round(float(mlflow.sklearn.load_model(uri).predict([[3.0]])[0]), 9) for uri in uris]
client.update_registered_model("ride", description="all")
client.update_model_version("ride", "1", description="one")
out["registered"] = [m.description for m in client.search_registered_models("name LIKE 'ri%' AND tags.a = 'b'")]
out["versions"] = [[str(v.version), v.description] for v in client.search_model_versions("name = 'ride' and tags.k = 'v'")]
client.rename_registered_model("ride", "ride2")
out["alias"] = client.get_model_version_by_alias("ride2", "champion").version
out["alias"] = str(out["alias"])
out["noAlias"] = refused(lambda: client.get_model_version_by_alias("ride2", "nobody"))
out["latest"] = sorted([str(v.version), v.current_stage] for v in client.get_latest_versions("ride2"))
client.delete_model_version_tag("ride2", "1", "k")
client.delete_registered_model_tag("ride2", "a")
client.delete_registered_model_alias("ride2", "champion")
client.delete_model_version("ride2", "1")
out["noVersion"] = refused(lambda: client.get_model_version("ride2", "1"))
out["third"] = str(client.create_model_version("ride2", f"runs:/{run_id}/model", run_id).version)
out["fileSource"] = refused(lambda: client.create_model_version("ride2", "file:///etc"))
if is3:
    found = mlflow.search_logged_models(
        experiment_ids=[run.info.experiment_id], filter_string="name = 'model' and metrics.rmse < 2", output_format="list"
    )
    client.set_logged_model_tags(found[0].model_id, {"x": "y"})
    client.delete_logged_model_tag(found[0].model_id, "x")
    out["modelFile"] = "MLmodel" in [f.path for f in client.list_logged_model_artifacts(found[0].model_id)]
    client.delete_logged_model(found[0].model_id)
    out["noModel"] = refused(lambda: client.get_logged_model(found[0].model_id))
client.delete_registered_model("ride2")
print(json.dumps(out))
