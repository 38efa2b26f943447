# One of several that write to the same store in turn: says what the ones before left, adds to it, and leaves something of its own.
import json
import sys

import mlflow

mlflow.set_tracking_uri(sys.argv[1])
own, *before = sys.argv[2]
client = mlflow.MlflowClient()
is3 = mlflow.__version__ >= "3"
out = {}


def runs_of(letter):
    experiment = client.get_experiment_by_name(f"exp-{letter}")
    return client.search_runs([experiment.experiment_id], f"params.by = '{letter}' and metrics.m > 0.5 and tags.kind LIKE 'k%'")


for letter in before:
    (run,) = runs_of(letter)
    run_id = run.info.run_id
    client.log_metric(run_id, "m", 2.0, step=len(client.get_metric_history(run_id, "m")))
    client.set_tag(run_id, f"seen-{own}", "yes")
    version = client.get_model_version_by_alias(f"model-{letter}", "champion")
    experiment = client.get_experiment(run.info.experiment_id)
    got = client.get_run(run_id)
    out[letter] = {
        "history": [m.value for m in client.get_metric_history(run_id, "m")],
        "nan": got.data.metrics["nan"] != got.data.metrics["nan"],
        "inf": got.data.metrics["inf"] > 1e308,
        "status": got.info.status,
        "name": got.info.run_name,
        "tags": sorted(k for k in got.data.tags if k.startswith("seen-")),
        "dataset": [i.dataset.name for i in got.inputs.dataset_inputs],
        "version": [str(version.version), version.run_id == run_id, version.tags],
        "experiment": experiment.tags.get("team"),
        "found": [m.name for m in client.search_registered_models(f"name = 'model-{letter}' and tags.by = '{letter}'")],
    }
    if is3:
        out[letter]["models"] = [m.name for m in mlflow.search_logged_models([experiment.experiment_id], output_format="list")]

experiment_id = client.create_experiment(f"exp-{own}", tags={"team": own})
with mlflow.start_run(experiment_id=experiment_id, run_name=f"run-{own}") as run:
    mlflow.log_params({"by": own, "é": "ü" * 100})
    mlflow.log_metric("m", 1.0, step=0)
    mlflow.log_metrics({"nan": float("nan"), "inf": float("inf")})
    mlflow.set_tag("kind", "k1")
    source = mlflow.data.from_numpy(__import__("numpy").zeros(3), name=f"rides-{own}")
    mlflow.log_input(source, context="training")
    mlflow.log_text("hello", "model/MLmodel")
client.create_registered_model(f"model-{own}", tags={"by": own})
version = client.create_model_version(f"model-{own}", f"{run.info.artifact_uri}/model", run.info.run_id, tags={"v": own})
client.set_registered_model_alias(f"model-{own}", "champion", version.version)
if is3:
    with mlflow.start_run(run_id=run.info.run_id):
        mlflow.initialize_logged_model(f"logged-{own}", params={"p": own})
try:
    client.create_registered_model("shared")
except mlflow.exceptions.MlflowException as error:
    assert error.error_code == "RESOURCE_ALREADY_EXISTS", error
shared = client.create_model_version("shared", f"{run.info.artifact_uri}/model", run.info.run_id)
out["shared"] = int(shared.version)
out["experiment"] = int(experiment_id)
print(json.dumps(out))
