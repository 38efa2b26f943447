# All that MLflow's client reads from a store, in an order and with names that do not depend on the store.
import json
import sys

from mlflow.entities import ViewType
from mlflow.tracking import MlflowClient


def number(value):
    """Databases hold no infinity."""
    return str(max(-1.7976931348623157e308, min(1.7976931348623157e308, value)))


def everything(client):
    experiments = {e.experiment_id: e.name for e in client.search_experiments(view_type=ViewType.ALL)}
    out = {"experiments": [], "runs": [], "registry": [], "models": []}
    for e in client.search_experiments(view_type=ViewType.ALL):
        tags = {k: v for k, v in e.tags.items() if not k.startswith("trimaran.")}
        out["experiments"].append([e.name, e.lifecycle_stage, e.artifact_location, e.creation_time, tags])
    for run in client.search_runs(list(experiments), run_view_type=ViewType.ALL, max_results=1000):
        history = {
            # A file may hold a point twice, a table not.
            key: sorted({(m.timestamp, m.step, number(m.value)) for m in client.get_metric_history(run.info.run_id, key)})
            for key in run.data.metrics
        }
        inputs = [
            [d.dataset.name, d.dataset.digest, d.dataset.schema, {t.key: t.value for t in d.tags}]
            for d in (run.inputs.dataset_inputs if run.inputs else [])
        ]
        made = getattr(run, "outputs", None)
        i = run.info
        facts = [i.run_id, i.run_name, experiments[i.experiment_id], i.status, i.lifecycle_stage]
        times = [i.start_time, i.end_time, i.artifact_uri, i.user_id]
        latest = {key: number(value) for key, value in run.data.metrics.items()}
        outputs = sorted(o.model_id for o in made.model_outputs) if made else []
        out["runs"].append([facts, times, run.data.params, run.data.tags, latest, history, inputs, outputs])
    for model in client.search_registered_models():
        out["registry"].append([model.name, model.description, model.creation_timestamp, model.tags, model.aliases])
    for v in client.search_model_versions("name = 'ride'"):
        facts = [v.name, int(v.version), v.current_stage, v.source, v.run_id, v.status, v.tags]
        out["registry"].append([*facts, client.get_model_version_download_uri(v.name, v.version)])
    if hasattr(client, "search_logged_models"):
        for m in client.search_logged_models([id for id, name in experiments.items() if name.startswith("rides")]):
            metrics = sorted([x.key, number(x.value), x.step, x.run_id] for x in m.metrics or [])
            facts = [m.model_id, m.name, m.artifact_location, str(m.status), m.source_run_id, m.creation_timestamp]
            out["models"].append([*facts, m.params, m.tags, metrics])
    return {key: sorted(value, key=json.dumps) for key, value in out.items()}


if __name__ == "__main__":
    import mlflow

    mlflow.set_tracking_uri(sys.argv[1])
    found = everything(MlflowClient())
    import numpy

    loaded = mlflow.pyfunc.load_model("models:/ride@champion")
    found["predicted"] = numpy.asarray(loaded.predict(numpy.array([[3.0]]))).round(6).tolist()
    print(json.dumps(found))
