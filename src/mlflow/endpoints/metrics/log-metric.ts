// Writes one point of a metric.
export const logMetric = {
  name: "logMetric",
  method: "POST",
  version: "2.0",
  path: "/mlflow/runs/log-metric",
  request: {
    run_id: "string*",
    run_uuid: "string",
    key: "string*",
    value: "double*",
    timestamp: "int64*",
    step: "int64=0",
    model_id: "string",
    dataset_name: "string",
    dataset_digest: "string",
  },
  response: {},
} as const;
