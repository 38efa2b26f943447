# Traces by MLflow's client of release 3: spans, search, tags, assessments, links, deletion. Prints what it saw as JSON.
import json
import sys

import mlflow
from mlflow import MlflowClient
from mlflow.entities import AssessmentSource, AssessmentSourceType

mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
experiment = mlflow.set_experiment("traces")
seen = {}


@mlflow.trace(name="inner", span_type="TOOL", attributes={"count": 3, "share": 2.0, "words": ["a", "ä"]})
def inner(x):
    return x + 1


@mlflow.trace(name="outer")
def outer(x):
    mlflow.update_current_trace(tags={"stage": "prod"}, metadata={"mlflow.trace.session": "s-1", "mlflow.trace.user": "u-1"})
    return inner(x) * 2


assert outer(4) == 10
with mlflow.start_span(name="fails") as span:
    span.set_inputs({"question": "why?"})
    span.set_attributes({"deep": {"a": [1, 2.5, None, True]}})
    ended = span
try:
    with mlflow.start_span(name="broken"):
        raise ValueError("no")
except ValueError:
    pass
mlflow.flush_trace_async_logging(terminate=False)

traces = mlflow.search_traces(locations=[experiment.experiment_id], return_type="list", order_by=["timestamp_ms ASC"])
seen["names"] = sorted(t.info.tags["mlflow.traceName"] for t in traces)
by_name = {t.info.tags["mlflow.traceName"]: t for t in traces}
first = by_name["outer"]
seen["spans"] = [(s.name, s.span_type, s.status.status_code, s.inputs, s.outputs) for s in first.data.spans]
seen["attributes"] = {k: first.data.spans[1].get_attribute(k) for k in ("count", "share", "words")}
seen["deep"] = by_name["fails"].data.spans[0].get_attribute("deep")
seen["states"] = {name: t.info.state.value for name, t in by_name.items()}
seen["events"] = [e.name for e in by_name["broken"].data.spans[0].events]
seen["metadata"] = {k: first.info.trace_metadata.get(k) for k in ("mlflow.trace.session", "mlflow.trace.user")}
again = mlflow.get_trace(first.info.trace_id)
seen["get"] = [s.name for s in again.data.spans]
seen["previews"] = [again.info.request_preview, again.info.response_preview]
seen["duration"] = again.info.execution_duration is not None


def found(filter_string):
    page = client.search_traces(locations=[experiment.experiment_id], filter_string=filter_string, include_spans=False)
    return sorted(t.info.tags["mlflow.traceName"] for t in page)


filters = [
    "trace.status = 'ERROR'",
    "attributes.name = 'outer'",
    "name LIKE 'o%'",
    "tags.stage = 'prod'",
    "tags.stage IS NULL",
    "metadata.`mlflow.trace.session` = 's-1'",
    "span.name = 'inner'",
    "span.type = 'TOOL' AND span.name = 'outer'",
    "span.attributes.count LIKE '%3%'",
    "trace.text LIKE '%why%'",
    "timestamp_ms > 0 AND execution_time_ms >= 0",
    "status IN ('OK', 'ERROR')",
    "name ILIKE 'OUT%' AND tags.stage != 'test'",
]
seen["filters"] = {text: found(text) for text in filters}
client.set_trace_tag(first.info.trace_id, "reviewed", "yes")
client.delete_trace_tag(first.info.trace_id, "stage")
seen["tags"] = {k: v for k, v in client.get_trace(first.info.trace_id).info.tags.items() if not k.startswith("mlflow.")}

source = AssessmentSource(source_type=AssessmentSourceType.HUMAN, source_id="ann")
good = mlflow.log_feedback(trace_id=first.info.trace_id, name="good", value=True, source=source, rationale="it is", metadata={"m": "1"})
score = mlflow.log_feedback(trace_id=first.info.trace_id, name="score", value=0.75)
mlflow.log_expectation(trace_id=first.info.trace_id, name="answer", value={"x": [1, 2]})
read = mlflow.get_assessment(first.info.trace_id, good.assessment_id)
seen["feedback"] = [read.name, read.value, read.rationale, read.metadata, read.source.source_id, read.valid]
from mlflow.entities import Feedback

mlflow.update_assessment(first.info.trace_id, score.assessment_id, Feedback(name="score", value=0.5))
mlflow.override_feedback(trace_id=first.info.trace_id, assessment_id=good.assessment_id, value=False)
mlflow.delete_assessment(first.info.trace_id, score.assessment_id)
kept = mlflow.get_trace(first.info.trace_id).info.assessments
seen["assessments"] = sorted([a.name, a.value, a.valid] for a in kept)
seen["assessed"] = [found("feedback.good = 'false'"), found("expectation.answer IS NOT NULL"), found("feedback.none = 'x'")]

with mlflow.start_run() as run:
    pass
client.link_traces_to_run([first.info.trace_id], run.info.run_id)
seen["linked"] = [t.info.trace_id == first.info.trace_id for t in mlflow.search_traces(locations=[experiment.experiment_id], run_id=run.info.run_id, return_type="list")]
prompt = mlflow.genai.register_prompt(name="greeting", template="Hello {{name}}!", commit_message="first", tags={"a": "b"})
mlflow.genai.register_prompt(name="greeting", template="Hi {{name}}!")
mlflow.genai.set_prompt_alias("greeting", alias="best", version=2)
seen["prompt"] = [mlflow.genai.load_prompt("prompts:/greeting@best").format(name="Ann"), mlflow.genai.load_prompt("greeting", version=1).template]
seen["prompts"] = [p.name for p in mlflow.genai.search_prompts(filter_string="name LIKE 'greet%'")]
client.link_prompt_versions_to_trace([prompt], first.info.trace_id)
seen["prompted"] = found("prompt = 'greeting/1'")
mlflow.genai.delete_prompt_alias("greeting", alias="best")
pages, token = [], None
while True:
    page = client.search_traces(locations=[experiment.experiment_id], max_results=2, page_token=token, include_spans=False)
    pages.append(len(page))
    token = page.token
    if not token:
        break
seen["pages"] = pages
seen["deleted"] = client.delete_traces(experiment.experiment_id, trace_ids=[first.info.trace_id])
seen["left"] = client.delete_traces(experiment.experiment_id, max_timestamp_millis=10**14, max_traces=10)
print(json.dumps(seen, ensure_ascii=True, sort_keys=True))
