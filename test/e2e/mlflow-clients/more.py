# Autologging, nested runs, limits of a batch, and eight processes that want one experiment. Prints what it saw as JSON.
import json
import multiprocessing
import sys
import warnings

import mlflow
import numpy as np
from mlflow import MlflowClient
from mlflow.entities import Metric, Param
from mlflow.exceptions import MlflowException
from sklearn.linear_model import LinearRegression

warnings.simplefilter("ignore")
mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
is3 = mlflow.__version__ >= "3"


def race(uri):
    mlflow.set_tracking_uri(uri)
    return mlflow.set_experiment("raced").experiment_id


if __name__ == "__main__":
    seen = {}
    with multiprocessing.get_context("fork").Pool(8) as pool:
        seen["raced"] = len(set(pool.map(race, [sys.argv[1]] * 8)))
    experiment = mlflow.set_experiment("more")
    mlflow.sklearn.autolog()
    x = np.arange(20.0).reshape(-1, 1)
    with mlflow.start_run(run_name="parent") as parent:
        with mlflow.start_run(run_name="child", nested=True) as child:
            fitted = LinearRegression().fit(x, 2 * x.ravel())
    mlflow.sklearn.autolog(disable=True)
    run = client.get_run(child.info.run_id)
    seen["autolog"] = [run.data.params["fit_intercept"], sorted(run.data.metrics)[:2], run.data.tags["estimator_name"]]
    seen["children"] = [r.info.run_name for r in mlflow.search_runs(filter_string=f"tags.mlflow.parentRunId = '{parent.info.run_id}'", output_format="list")]
    loaded = mlflow.pyfunc.load_model(f"runs:/{child.info.run_id}/model")
    seen["predicted"] = [round(float(v), 6) for v in loaded.predict(np.array([[3.0]]))]
    place = {"name": "model"} if is3 else {"artifact_path": "model"}
    with mlflow.start_run():
        mlflow.sklearn.log_model(fitted, **place, registered_model_name="line", input_example=x[:2])
    client.set_registered_model_alias("line", "best", "1")
    by_alias = mlflow.pyfunc.load_model("models:/line@best")
    seen["alias"] = [round(float(v), 6) for v in by_alias.predict(np.array([[5.0]]))]
    seen["signature"] = by_alias.metadata.signature is not None
    metrics = [Metric(f"m{i}", i, 1, 0) for i in range(2500)]
    client.log_batch(parent.info.run_id, metrics=metrics, params=[Param(f"p{i}", "v") for i in range(100)])
    got = client.get_run(parent.info.run_id)
    seen["batch"] = [len(got.data.metrics), len(got.data.params)]

    def refused(call):
        try:
            call()
            return "accepted"
        except MlflowException as error:
            return error.error_code

    seen["refused"] = [
        refused(lambda: client.log_metric("0" * 32, "a", 1)),
        refused(lambda: client.set_tag(parent.info.run_id, "a//b", "c")),
        refused(lambda: client.search_runs([experiment.experiment_id], filter_string="metrics.a > 'x'")),
        refused(lambda: client.get_model_version("line", "99")),
        refused(lambda: client.get_experiment("98765")),
    ]
    client.set_experiment_tag(experiment.experiment_id, "k", "v")
    if is3:
        from mlflow.tracking._tracking_service.utils import _get_store

        client.delete_experiment_tag(experiment.experiment_id, "k")
        model = mlflow.initialize_logged_model(name="made", params={"a": "1"})
        client.log_model_params(model.model_id, {"b": "2"})
        mlflow.finalize_logged_model(model.model_id, "READY")
        seen["logged"] = dict(mlflow.get_logged_model(model.model_id).params)
        with mlflow.start_span(name="one") as span:
            pass
        mlflow.flush_trace_async_logging(terminate=False)
        store = _get_store()
        counted = store.calculate_trace_filter_correlation([experiment.experiment_id], "name = 'one'", "status = 'OK'")
        seen["correlation"] = [counted.filter1_count, counted.filter2_count, counted.joint_count, counted.total_count]
        seen["infos"] = [info.trace_id == span.trace_id for info in store.batch_get_trace_infos([span.trace_id])]
    print(json.dumps(seen, sort_keys=True))
