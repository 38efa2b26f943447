# What MLflow's own client sees of a run: argv 1 its ID.
import json
import sys

import mlflow

client = mlflow.MlflowClient()
run = client.get_run(sys.argv[1])
datasets = [
    {
        "name": each.dataset.name,
        "digest": each.dataset.digest,
        "context": {tag.key: tag.value for tag in each.tags}.get("mlflow.data.context"),
        "rows": json.loads(each.dataset.profile)["num_rows"],
        "columns": [column["name"] for column in json.loads(each.dataset.schema)["mlflow_colspec"]],
        "source": mlflow.data.get_source(each.dataset)._uri,
    }
    for each in run.inputs.dataset_inputs
]
models = mlflow.search_logged_models(experiment_ids=[run.info.experiment_id], output_format="list")
print(
    json.dumps(
        {
            "status": run.info.status,
            "params": run.data.params,
            "metrics": run.data.metrics,
            "tags": run.data.tags,
            "datasets": datasets,
            "artifacts": sorted(each.path for each in client.list_artifacts(run.info.run_id)),
            "files": sorted(each.path for each in client.list_artifacts(run.info.run_id, "model")),
            "models": [
                {"name": each.name, "status": str(each.status), "run": each.source_run_id, "metrics": len(each.metrics or [])}
                for each in models
                if each.source_run_id == run.info.run_id
            ],
        }
    )
)
