# Webhooks, evaluation data sets, scorers and used data sets by MLflow's client of release 3. Prints what it saw as JSON.
import base64
import hashlib
import hmac
import http.server
import json
import sys
import threading
import time

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities.webhook import WebhookAction, WebhookEntity, WebhookEvent, WebhookStatus
from mlflow.exceptions import MlflowException

mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
seen = {}
heard = []
answers = [503]


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        signed = ".".join([self.headers["X-MLflow-Delivery-Id"], self.headers["X-MLflow-Timestamp"], body])
        digest = base64.b64encode(hmac.new(b"much-secret", signed.encode(), hashlib.sha256).digest()).decode()
        status = answers.pop() if answers else 200
        if status == 200:
            payload = json.loads(body)
            heard.append([payload["entity"], payload["action"], payload["data"], self.headers["X-MLflow-Signature"] == f"v1,{digest}"])
        self.send_response(status)
        self.end_headers()
        self.wfile.write(b"taken")

    def log_message(self, *_):
        pass


receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{receiver.server_port}/hook"
events = [
    WebhookEvent(WebhookEntity.REGISTERED_MODEL, WebhookAction.CREATED),
    WebhookEvent(WebhookEntity.MODEL_VERSION, WebhookAction.CREATED),
    WebhookEvent(WebhookEntity.MODEL_VERSION_ALIAS, WebhookAction.CREATED),
    WebhookEvent(WebhookEntity.MODEL_VERSION_TAG, WebhookAction.SET),
    WebhookEvent(WebhookEntity.PROMPT, WebhookAction.CREATED),
]
hook = client.create_webhook(name="hook", url=url, events=events, secret="much-secret", description="for tests")
seen["hook"] = [hook.name, hook.description, sorted(str(e) for e in hook.events), hook.status.value]
result = client.test_webhook(hook.webhook_id)
seen["tested"] = [result.success, result.response_status, result.response_body]
with mlflow.start_run() as run:
    pass
client.create_registered_model("watched", tags={"a": "1"}, description="d")
version = client.create_model_version("watched", f"runs:/{run.info.run_id}/model", run.info.run_id)
client.set_registered_model_alias("watched", "best", version.version)
client.set_model_version_tag("watched", version.version, "k", "v")
client.set_registered_model_tag("watched", "unheard", "v")
mlflow.genai.register_prompt(name="heard", template="{{x}}")
deadline = time.time() + 60
while len(heard) < 6 and time.time() < deadline:
    time.sleep(0.1)
for one in heard:
    if "source" in one[2]:
        one[2]["source"], one[2]["run_id"] = "S", "R"
seen["heard"] = sorted([h[0], h[1], h[3], sorted(h[2])] for h in heard)
updated = client.update_webhook(hook.webhook_id, name="renamed", status=WebhookStatus.DISABLED, events=events[:1])
seen["updated"] = [updated.name, updated.status.value, len(updated.events), client.get_webhook(hook.webhook_id).name]
seen["listed"] = [w.name for w in client.list_webhooks()]
client.delete_webhook(hook.webhook_id)
seen["gone"] = len(client.list_webhooks())
for bad in ["ftp://example.com", "  "]:
    try:
        client.create_webhook(name="bad", url=bad, events=events)
        seen[bad] = "accepted"
    except MlflowException as error:
        seen[bad] = error.error_code

experiment = mlflow.set_experiment("data")
dataset = mlflow.genai.create_dataset(name="questions", experiment_id=[experiment.experiment_id], tags={"team": "a"})
dataset.merge_records([
    {"inputs": {"q": "one"}, "expectations": {"a": 1}, "tags": {"t": "x"}},
    {"inputs": {"q": "two", "n": 2.5}, "outputs": {"o": [1]}},
])
dataset.merge_records([{"inputs": {"q": "one"}, "expectations": {"b": True}}])
read = mlflow.genai.get_dataset(dataset_id=dataset.dataset_id)
frame = read.to_df()
seen["dataset"] = [read.name, read.tags.get("team"), len(frame), json.loads(read.profile), read.experiment_ids == [experiment.experiment_id]]
rows = frame.to_dict("records")
seen["records"] = sorted([r["inputs"]["q"], r.get("expectations") or {}, r.get("outputs")] for r in rows)
seen["schema"] = json.loads(read.schema)
mlflow.genai.set_dataset_tags(dataset_id=dataset.dataset_id, tags={"stage": "dev", "team": "b"})
mlflow.genai.delete_dataset_tag(dataset_id=dataset.dataset_id, key="stage")
seen["found"] = [d.name for d in mlflow.genai.search_datasets(filter_string="name LIKE 'quest%' AND tags.team = 'b'", order_by=["name ASC"])]
seen["none"] = [d.name for d in mlflow.genai.search_datasets(experiment_ids=["0"])]
other = mlflow.create_experiment("other")
client.add_dataset_to_experiments(dataset_id=dataset.dataset_id, experiment_ids=[other])
seen["shared"] = len(mlflow.genai.get_dataset(dataset_id=dataset.dataset_id).experiment_ids)
client.remove_dataset_from_experiments(dataset_id=dataset.dataset_id, experiment_ids=[other])
seen["unshared"] = len(mlflow.genai.get_dataset(dataset_id=dataset.dataset_id).experiment_ids)
again = mlflow.genai.get_dataset(dataset_id=dataset.dataset_id)
seen["dropped"] = again.delete_records([again.to_df()["dataset_record_id"][0]])
mlflow.genai.delete_dataset(dataset_id=dataset.dataset_id)


from mlflow.tracking._tracking_service.utils import _get_store

store = _get_store()
judge = mlflow.genai.make_judge(name="exact", instructions="Is {{ outputs }} right?", model="openai:/gpt-4o", feedback_value_type=str)
serialized = json.dumps(judge.model_dump())
seen["scorer"] = [store.register_scorer(experiment.experiment_id, "exact", serialized).scorer_version for _ in range(2)]
seen["scorers"] = [(s.scorer_name, s.scorer_version) for s in store.list_scorers(experiment.experiment_id)]
seen["versions"] = [s.scorer_version for s in store.list_scorer_versions(experiment.experiment_id, "exact")]
seen["one"] = store.get_scorer(experiment.experiment_id, "exact", 1).scorer_version
store.delete_scorer(experiment.experiment_id, "exact", 1)
store.delete_scorer(experiment.experiment_id, "exact")

with mlflow.start_run() as run:
    frame = pd.DataFrame({"x": [1.0, 2.0]})
    mlflow.log_input(mlflow.data.from_pandas(frame, name="rides", digest="abc"), context="training", tags={"t": "1"})
used = client.get_run(run.info.run_id).inputs.dataset_inputs[0]
seen["input"] = [used.dataset.name, used.dataset.digest, sorted((t.key, t.value) for t in used.tags)]
print(json.dumps(seen, sort_keys=True, default=str))
