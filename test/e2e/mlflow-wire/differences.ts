// Where our answer is another than MLflow 3.18's, on purpose: by the request, our status and why.
export const differences: Readonly<Record<string, readonly [number, string]>> = {
  'POST /api/2.0/mlflow/experiments/search {"max_results":9,"view_type":"NOPE"}': [
    400,
    "a value that means nothing is refused, where MLflow passes over it",
  ],
  'POST /api/2.0/mlflow/experiments/update {"experiment_id":"$exp","new_name":"s3"}': [
    400,
    "the error has a name, and tells no SQL",
  ],
  'POST /api/2.0/mlflow/experiments/update {"experiment_id":"$s3","new_name":"gone"}': [
    400,
    "a state that stays is no 500, which clients ask again after",
  ],
  "POST /api/2.0/mlflow/experiments/create {": [400, "a body that is no JSON is told so"],
  'POST /api/2.0/mlflow/runs/log-metric {"run_id":"no run!","key":"m","value":31,"timestamp":59}': [
    400,
    "no run can have such an identifier",
  ],
  'POST /api/2.0/mlflow/runs/update {"run_id":"$run","status":"NOPE"}': [
    400,
    "a value that means nothing is refused, where MLflow passes over it",
  ],
  'POST /api/2.0/mlflow/runs/search {"experiment_ids":["$exp"],"filter":"params. = \'x\'","order_by":["start_time ASC"]}':
    [400, "what is no comparison is refused"],
  'POST /api/2.0/mlflow/runs/search {"experiment_ids":["$exp"],"filter":"AND params.p = \'v\'","order_by":["start_time ASC"]}':
    [400, "what is no comparison is refused"],
  'POST /api/2.0/mlflow/runs/search {"experiment_ids":["$exp"],"order_by":["metrics.m","metrics.m"]}': [
    400,
    "a mistake of the client's is no 500",
  ],
  'POST /api/2.0/mlflow/runs/search {"experiment_ids":[1]}': [
    200,
    "identifiers of experiments may be numbers everywhere",
  ],
  'POST /api/2.0/mlflow/runs/search {"experiment_ids":["$exp"],"run_view_type":"SOME"}': [
    400,
    "a value that means nothing is refused, where MLflow passes over it",
  ],
  "GET /api/2.0/mlflow/registered-models/search?max_results=0": [400, "a page of nothing is refused everywhere"],
  'POST /api/2.0/mlflow/model-versions/create {"name":"m","source":"file://123.456.789.123/path/to/source","run_id":"$maker"}':
    [400, "a mistake of the client's is no 500"],
  'POST /api/2.0/mlflow/model-versions/create {"name":"m","source":"models:/none/1"}': [
    404,
    "the version is looked for, not the model",
  ],
  "GET /api/2.0/mlflow/model-versions/get-download-uri?name=m&version=2": [
    200,
    "where the files lie, so that no further question is needed",
  ],
  'POST /api/2.0/mlflow/model-versions/transition-stage {"name":"m","version":"1","stage":"None","archive_existing_versions":true}':
    [400, "a mistake of the client's is no 500"],
  'POST /api/2.0/mlflow/logged-models/$model/params {"model_id":"$model","params":[{"key":"q","value":"3"}]}': [
    400,
    "the error tells no SQL, and the same value again is fine",
  ],
  'POST /api/2.0/mlflow/logged-models/search {"experiment_ids":["0"],"filter":"metrics.acc > 0.1","datasets":[{"dataset_name":"d"}]}':
    [200, "a metric's data set counts as the client named it"],
  'POST /api/2.0/mlflow/logged-models/search {"experiment_ids":["0"],"filter":"nope = \'x\'"}': [
    400,
    "a mistake of the client's is no 500",
  ],
  'POST /api/2.0/mlflow/logged-models/search {"experiment_ids":["0"],"filter":"metrics.acc = \'x\'"}': [
    400,
    "a mistake of the client's is no 500",
  ],
  'POST /api/2.0/mlflow/logged-models/search {"experiment_ids":["0"],"max_results":0}': [
    400,
    "a page of nothing is refused everywhere",
  ],
  "GET /api/3.0/mlflow/traces/get?trace_id=tr-1": [404, "spans that have not come yet are no 500"],
  "GET /api/3.0/mlflow/traces/get?trace_id=tr-1&allow_partial=true": [200, "what is there of a trace is given"],
  "GET /api/3.0/mlflow/traces/batchGet?trace_ids=tr-1&trace_ids=tr-none": [
    200,
    "spans that have not come yet are no 500",
  ],
  'PATCH /api/3.0/mlflow/traces/tr-none/tags {"trace_id":"tr-none","key":"b","value":"2"}': [
    404,
    "a trace that is not there is missing, and the error tells no SQL",
  ],
  'POST /api/3.0/mlflow/traces/search {"locations":[{"type":"MLFLOW_EXPERIMENT","mlflow_experiment":{"experiment_id":"0"}}],"filter":"trace_id = \'tr-2\'","order_by":["timestamp_ms ASC"]}':
    [200, "a trace's newer name is known in filters, too"],
  'POST /api/3.0/mlflow/traces/search {"locations":[{"type":"MLFLOW_EXPERIMENT","mlflow_experiment":{"experiment_id":"0"}}],"filter":"timestamp_ms = \'x\'","order_by":["timestamp_ms ASC"]}':
    [400, "a value that means nothing is refused, where MLflow passes over it"],
  'POST /api/3.0/mlflow/traces/metrics {"experiment_ids":["0"],"view_type":"TRACES","aggregations":[],"metric_name":"trace_count"}':
    [400, "the error tells no SQL"],
  "GET /ajax-api/2.0/mlflow/get-trace-artifact?request_id=tr-1": [404, "as of every artifact"],
  "PUT /api/2.0/mlflow-artifacts/artifacts/0/$maker/artifacts/a.txt hello": [
    200,
    "MLflow 2 answers so, and no client reads it",
  ],
  "PUT /api/2.0/mlflow-artifacts/artifacts/0/$maker/artifacts/dir/b.json {}": [
    200,
    "MLflow 2 answers so, and no client reads it",
  ],
  'POST /api/2.0/mlflow-artifacts/mpu/create/0/x {"path":"x","num_parts":2}': [
    200,
    "uploads in parts are offered for folders, too",
  ],
  'POST /api/3.0/mlflow/datasets/$dataset/records {"records":"x"}': [400, "a mistake of the client's is no 500"],
  "GET /api/2.0/mlflow/webhooks?max_results=0": [400, "a page of nothing is refused everywhere"],
  'POST /api/2.0/mlflow/model-versions/create {"name":"m","source":"mlflow-artifacts:/models"}': [
    200,
    "MLflow took it until 3.17; it names a place of this server's own",
  ],
  'POST /api/2.0/mlflow/model-versions/create {"name":"m","source":"mlflow-artifacts:/models/"}': [
    200,
    "MLflow took it until 3.17; it names a place of this server's own",
  ],
  'POST /api/2.0/mlflow/model-versions/create {"name":"m","source":"mlflow-artifacts:/models///"}': [
    200,
    "MLflow took it until 3.17; it names a place of this server's own",
  ],
  'POST /api/2.0/mlflow/model-versions/create {"name":"m","source":"mlflow-artifacts:/models/foo///bar"}': [
    200,
    "MLflow took it until 3.17; it names a place of this server's own",
  ],
  'POST /api/2.0/mlflow/experiments/create {"name":"climbs","artifact_location":"s3://bucket/../a"}': [
    400,
    "no location may climb",
  ],
  'POST /api/2.0/mlflow/runs/create {"experiment_id":"$exp","tags":[{"key":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…':
    [400, "keys are held to their length here, too"],
  'POST /api/2.0/mlflow/runs/create {"experiment_id":0,"start_time":"17"}': [
    200,
    "identifiers of experiments may be numbers everywhere",
  ],
  'POST /api/2.0/mlflow/runs/log-metric {"run_id":"$run","key":"flag","value":true,"timestamp":1}': [
    400,
    "a truth value is no number",
  ],
  'POST /api/2.0/mlflow/runs/log-batch {"run_id":"$run","metrics":[{"key":"mae","value":"x","timestamp":1}]}': [
    400,
    "a metric that is no number is refused, where MLflow drops it",
  ],
  'POST /api/2.0/mlflow/runs/log-inputs {"run_id":"$run","datasets":[{"dataset":{"name":"d"}}]}': [
    400,
    "a data set without a name or a digest cannot be found again",
  ],
  'POST /api/2.0/mlflow/runs/log-inputs {"run_id":"$run","datasets":[{"tags":[]}]}': [
    400,
    "a data set without a name or a digest cannot be found again",
  ],
  'POST /api/2.0/mlflow/experiments/search-datasets {"experiment_ids":["$exp"]}': [200, "programs may ask it, too"],
};
