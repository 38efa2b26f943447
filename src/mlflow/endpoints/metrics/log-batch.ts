// Metrics, parameters and tags of a run, all or none.
export const logBatch = {
  name: "logBatch",
  method: "POST",
  version: "2.0",
  path: "/mlflow/runs/log-batch",
  request: {
    run_id: "string*",
    metrics: "Metric[]",
    params: "Param[]",
    tags: "RunTag[]",
  },
  response: {},
} as const;
