# Makes the same runs wherever it is pointed, searches them in many ways, and prints the names that came, in order.
import json
import sys

import mlflow
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException

mlflow.set_tracking_uri(sys.argv[1])
client = mlflow.MlflowClient()
experiment = client.create_experiment("searches")
for index in range(12):
    run = client.create_run(experiment, start_time=1000 + index // 2, run_name=f"Run-{index}", tags={"kind": ["Red", "green", "it's"][index % 3]})
    metrics = [Metric("loss", float("nan") if index == 4 else index / 4, 5, 0)] if index != 7 else []
    if index == 9:
        metrics.append(Metric("a b/c", float("inf"), 1, 1))
    client.log_batch(run.info.run_id, metrics, [Param("p", str(index)), Param("model.name", "X_%d" % index)][: 1 + index % 2], [RunTag("t-%d" % index, "v")])
    if index % 4 == 0:
        client.set_terminated(run.info.run_id, "FAILED" if index == 8 else "FINISHED", end_time=5000 + index)
    if index == 11:
        client.delete_run(run.info.run_id)
ids = [r.info.run_id for r in client.search_runs([experiment], order_by=["tags.mlflow.runName"])]

filters = [
    "", "metrics.loss < 1", "metrics.loss >= 1 and metrics.loss != 2", "metrics.loss != 1", "metric.loss = 0.5", "metrics.`a b/c` > 1e300",
    'metrics."a b/c" > 0', "params.p = '3'", "params.p != '3'", "parameters.p LIKE '1%'", "param.`model.name` LIKE 'x_%'",
    "params.model.name ILIKE 'x\\_%'", "params.model.name ILIKE 'x_%'", "tags.kind = 'Red'", "tag.kind LIKE '%re%'", "tags.kind ILIKE '%RE%'",
    'tags.kind = "green"', "tags.kind = 'it\\'s'", "tags.kind = \"it's\"", "tags.kind = 'it''s'", "tags.`t-3` = 'v'", "tags.t-3 = 'v'",
    "attributes.status = 'FINISHED'", "status != 'RUNNING'", "attr.run_name LIKE 'Run-1%'", "run.start_time > 1003", "start_time <= 1002 AND end_time > 0",
    "created >= 1004", "run_name = 'Run-5'", "attributes.`run name` = 'Run-5'", f"run_id IN ('{ids[0]}', '{ids[1]}')", f"attributes.run_id NOT IN ('{ids[0]}',)",
    "params.p IS NULL", "params.model.name IS NULL", "tags.kind IS NOT NULL AND params.p = '4'", "dataset.name = 'x'", "datasets.context IN ('train')",
    "metrics.loss > 0 and", "user_id = ''", "artifact_uri LIKE '%/artifacts'", "tags.mlflow.runName = 'Run-2'",
    "metrics.loss < '1'", "params.p = 3", "params.p > '3'", "metrics.loss LIKE '1'", "foo.x = '1'", "attributes.nope = 'x'", "params.p = '1' OR params.p = '2'",
    "(params.p = '1')", "params.p", "= '1'", "params.'p' = '1'", "status IN ('FINISHED')", "run_id IN ()", " ", "NOT params.p = '1'", "metrics.loss IS NULL",
    "status = FINISHED", "start_time > 'x'", "metrics.loss = -0.5", "metrics.loss > -1.5e0", "params.p = '1'; DROP TABLE runs",
    "params.p <> '1'", "1 = 1",
]  # fmt: skip
orders = [
    [], ["metrics.loss ASC"], ["metrics.loss DESC"], ["params.p DESC"], ["tags.kind", "metrics.loss DESC"], ["start_time ASC"], ["attributes.end_time"],
    ["attributes.end_time DESC"], ["status", "start_time"], ["run_id"], ["metrics.`a b/c` DESC"], ["tags.`t-3`"], ["nope"], ["metrics.loss UP"],
    ["metrics.loss ASC, params.p"], ["attributes.start_time desc"], ["run_name"],
]  # fmt: skip
views = [ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL]


def names(**arguments):
    try:
        return [run.info.run_name if "Run" in run.info.run_name else "?" for run in client.search_runs([experiment], **arguments)]
    except MlflowException as error:
        return "refused"


def pages(**arguments):
    token, sizes = None, []
    while True:
        page = client.search_runs([experiment], page_token=token, **arguments)
        sizes.append([run.info.run_name for run in page])
        token = page.token
        if not token:
            return sizes


# What has no order of its own is ordered by random identifiers.
out = {}
for number, each in enumerate(filters):
    shown = each.replace(ids[0], "0").replace(ids[1], "1")
    out[f"filter {number}: {shown}"] = names(filter_string=each, order_by=["tags.mlflow.runName"])
for each in orders:
    got = names(order_by=[*each, "tags.mlflow.runName"]) if each != ["run_id"] else len(names(order_by=each))
    out[f"order {each}"] = got
out["views"] = [names(run_view_type=view, order_by=["tags.mlflow.runName"]) for view in views]
out["pages"] = pages(max_results=5, order_by=["tags.mlflow.runName"])


def experiments(**arguments):
    try:
        return [each.name for each in client.search_experiments(**arguments)]
    except MlflowException:
        return "refused"


for index, name in enumerate(["Alpha", "beta", "alpha2"]):
    client.set_experiment_tag(client.create_experiment(name), "n", str(index))
for each in ["name = 'Alpha'", "name LIKE 'al%'", "name ILIKE 'al%'", "tags.n = '1'", "tag.n != '1'", "attribute.name = 'beta'", "attributes.name = 'beta'", "creation_time > 0", "name IN ('beta')", "name > 'a'", "nope = 'x'"]:  # fmt: skip
    out[f"experiments {each}"] = experiments(filter_string=each, order_by=["name"])
out["experiments DESC"] = experiments(order_by=["name DESC"])
for name in ["m1", "M2", "m3"]:
    client.create_registered_model(name, tags={"q": name})
for each in ["", "name = 'm1'", "name LIKE 'm%'", "name ILIKE 'm%'", "tags.q = 'm3'", "tag.q != 'm3'", "name != 'm1'", "name > 'a'", "nope = '1'"]:  # fmt: skip
    try:
        out[f"models {each}"] = [m.name for m in client.search_registered_models(each, order_by=["name DESC"])]
    except MlflowException:
        out[f"models {each}"] = "refused"
print(json.dumps(out))
