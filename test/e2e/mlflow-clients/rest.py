# What no function of MLflow's client asks, but its user interface and its library of requests do; figures of traces; uploads in
# parts. Prints what it saw as JSON.
import json
import os
import sys
import tempfile

os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"] = "true"
os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD"] = "true"
for name in ("UPLOAD_MINIMUM_FILE", "UPLOAD_CHUNK", "DOWNLOAD_MINIMUM_FILE", "DOWNLOAD_CHUNK"):
    os.environ[f"MLFLOW_MULTIPART_{name}_SIZE"] = "5242880"

import mlflow
import requests
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric
from mlflow.entities.trace_metrics import AggregationType, MetricAggregation, MetricViewType
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracking._tracking_service.utils import _get_store
from mlflow.utils.credentials import get_default_host_creds
from mlflow.utils.rest_utils import http_request

mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
store = _get_store()
seen = {}


def ask(method, path, **more):
    answer = http_request(get_default_host_creds(sys.argv[1]), path, method, **more)
    assert answer.status_code == 200, answer.text
    return answer


experiment = mlflow.set_experiment("rest")
run_id = client.create_run(experiment.experiment_id).info.run_id
seen["health"] = ask("GET", "/health").text
client.log_batch(run_id, metrics=[Metric("loss", 1 / (step + 1), step, step) for step in range(10)])
bulk = ask("GET", "/ajax-api/2.0/mlflow/metrics/get-history-bulk", params={"run_id": [run_id], "metric_key": "loss", "max_results": 3})
seen["bulk"] = [[point["step"], point["run_id"] == run_id] for point in bulk.json()["metrics"]]
interval = {"run_ids": [run_id], "metric_key": "loss", "max_results": 4}
sampled = ask("GET", "/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval", params=interval)
seen["interval"] = [point["step"] for point in sampled.json()["metrics"]]
within = ask("GET", "/api/2.0/mlflow/metrics/get-history-bulk-interval", params={**interval, "start_step": 2, "end_step": 4})
seen["within"] = [point["step"] for point in within.json()["metrics"]]
dataset = Dataset(name="rides", digest="1", source_type="local", source="{}")
client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])
found = ask("POST", "/ajax-api/2.0/mlflow/experiments/search-datasets", json={"experiment_ids": [experiment.experiment_id]})
seen["datasets"] = [[each["name"], each["context"]] for each in found.json()["dataset_summaries"]]

client.log_text(run_id, "hello", "d/a.txt")
listed = ask("GET", "/api/2.0/mlflow/artifacts/list", params={"run_id": run_id, "path": "d"})
seen["listed"] = listed.json()["files"]
seen["file"] = ask("GET", "/get-artifact", params={"run_id": run_id, "path": "d/a.txt"}).text
ask("POST", "/ajax-api/2.0/mlflow/upload-artifact", params={"run_uuid": run_id, "path": "page.txt"}, data="from a page")
seen["page"] = mlflow.artifacts.load_text(f"runs:/{run_id}/page.txt")
folder = tempfile.mkdtemp()
big = os.path.join(folder, "big.bin")
with open(big, "wb") as file:
    file.write(os.urandom(11_000_001))
client.log_artifact(run_id, big)
with open(big, "rb") as one, open(download_artifacts(run_id=run_id, artifact_path="big.bin", dst_path=tempfile.mkdtemp()), "rb") as two:
    seen["parts"] = one.read() == two.read()
repo = get_artifact_repository(client.get_run(run_id).info.artifact_uri)
begun = repo.create_multipart_upload("big.bin", 2)
repo.abort_multipart_upload("big.bin", begun.upload_id)
repo.delete_artifacts("big.bin")
seen["left"] = sorted(info.path for info in client.list_artifacts(run_id))
up = ask("POST", "/api/2.0/mlflow/artifacts/presigned-upload-url", json={"run_id": run_id, "path": "signed.txt"}).json()
seen["put"] = requests.put(up["presigned_url"], data="signed", headers=up.get("headers")).status_code
down = ask("POST", "/api/2.0/mlflow/artifacts/presigned-download-url", json={"run_id": run_id, "path": "signed.txt"}).json()
seen["signed"] = [requests.get(down["presigned_url"], headers=down.get("headers")).text, down["file_size"]]
client.create_registered_model("m")
client.create_model_version("m", f"runs:/{run_id}/d", run_id)
seen["version"] = ask("GET", "/model-versions/get-artifact", params={"name": "m", "version": "1", "path": "a.txt"}).text
model = mlflow.initialize_logged_model(name="lm")
get_artifact_repository(model.artifact_location).log_artifact(download_artifacts(run_id=run_id, artifact_path="d/a.txt"))
at = f"/ajax-api/2.0/mlflow/logged-models/{model.model_id}/artifacts"
seen["model"] = ask("GET", f"{at}/files", params={"artifact_file_path": "a.txt"}).text
seen["directories"] = [each["path"] for each in ask("GET", f"{at}/directories").json()["files"]]

for name, fails in (("one", False), ("one", False), ("two", True)):
    try:
        with mlflow.start_span(name=name) as span:
            span.set_attributes({"who": "ann"})
            if fails:
                raise ValueError("no")
    except ValueError:
        pass
mlflow.flush_trace_async_logging(terminate=False)
trace_id = span.trace_id


def figures(view, metric, aggregations, **more):
    found = store.query_trace_metrics([experiment.experiment_id], view, metric, aggregations, **more)
    return [[point.dimensions, point.values] for point in found]


count = [MetricAggregation(AggregationType.COUNT)]
seen["counts"] = figures(MetricViewType.TRACES, "trace_count", count, dimensions=["trace_name", "trace_status"])
seen["spans"] = figures(MetricViewType.SPANS, "span_count", count, dimensions=["span_name"], filters=["span.status = 'OK'"])
latency = figures(MetricViewType.TRACES, "latency", [MetricAggregation(AggregationType.PERCENTILE, 95)])
seen["latency"] = [sorted(values) for _, values in latency]
hours = figures(MetricViewType.TRACES, "trace_count", count, time_interval_seconds=3600, start_time_ms=0, end_time_ms=4 * 10**12)
seen["hours"] = sum(values["COUNT"] for _, values in hours)
data = ask("GET", "/ajax-api/2.0/mlflow/get-trace-artifact", params={"request_id": trace_id}).json()
seen["artifact"] = [[each["name"], each["attributes"]["who"]] for each in data["spans"]]
seen["regex"] = [
    len(client.search_traces(locations=[experiment.experiment_id], filter_string=text))
    for text in ("name RLIKE '^o[a-n]e$'", "span.attributes.who RLIKE '^a.n$'", "span.name RLIKE 'w'", "name RLIKE '(a+)+$'")
]
ask("PATCH", f"/api/3.0/mlflow/traces/{trace_id}/tags", json={"trace_id": trace_id, "key": "k", "value": "v"})
ask("DELETE", f"/api/3.0/mlflow/traces/{trace_id}/tags", json={"trace_id": trace_id, "key": "k"})
gone = ask("POST", "/api/3.0/mlflow/traces/delete-traces", json={"experiment_id": experiment.experiment_id, "request_ids": [trace_id]})
seen["deleted"] = gone.json()["traces_deleted"]
questions = mlflow.genai.create_dataset(name="questions", experiment_id=[experiment.experiment_id])
belongs = ask("GET", f"/api/3.0/mlflow/datasets/{questions.dataset_id}/experiment-ids")
seen["belongs"] = belongs.json()["experiment_ids"] == [experiment.experiment_id]
print(json.dumps(seen, sort_keys=True))
