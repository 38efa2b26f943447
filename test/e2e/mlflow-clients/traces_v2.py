# Traces by MLflow's client of release 2: spans lie in an artifact. Prints what it saw as JSON.
import json
import sys

import mlflow
from mlflow import MlflowClient

mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
experiment = mlflow.set_experiment("traces2")
seen = {}


@mlflow.trace(name="outer", span_type="CHAIN")
def outer(x):
    mlflow.update_current_trace(tags={"stage": "prod"})
    with mlflow.start_span(name="inner") as span:
        span.set_inputs({"x": x})
        span.set_outputs(x + 1)
    return x * 2


assert outer(4) == 8
root = client.start_trace(name="by hand", inputs={"a": 1}, experiment_id=experiment.experiment_id)
child = client.start_span(name="child", request_id=root.request_id, parent_id=root.span_id)
client.end_span(root.request_id, child.span_id, outputs=3)
client.end_trace(root.request_id, status="ERROR", outputs={"b": 2})
mlflow.flush_trace_async_logging(terminate=True)
traces = client.search_traces(experiment_ids=[experiment.experiment_id], order_by=["timestamp_ms ASC"])
seen["names"] = sorted(t.info.tags["mlflow.traceName"] for t in traces)
by_name = {t.info.tags["mlflow.traceName"]: t for t in traces}
first = by_name["outer"]
seen["spans"] = sorted([s.name, s.span_type, s.outputs] for s in first.data.spans)
seen["states"] = {name: t.info.status.value for name, t in by_name.items()}
seen["got"] = [s.name for s in client.get_trace(root.request_id).data.spans]
client.set_trace_tag(root.request_id, "a", "b")
client.set_trace_tag(root.request_id, "c", "d")
client.delete_trace_tag(root.request_id, "c")
seen["found"] = [len(client.search_traces(experiment_ids=[experiment.experiment_id], filter_string=text)) for text in ["tags.a = 'b'", "status = 'OK'", "tags.c = 'd'", "name = 'outer'"]]
pages = client.search_traces(experiment_ids=[experiment.experiment_id], max_results=1)
seen["page"] = [len(pages), len(client.search_traces(experiment_ids=[experiment.experiment_id], max_results=1, page_token=pages.token))]
seen["deleted"] = client.delete_traces(experiment.experiment_id, request_ids=[root.request_id])
seen["left"] = client.delete_traces(experiment.experiment_id, max_timestamp_millis=10**14, max_traces=5)
print(json.dumps(seen, sort_keys=True))
