// Points of a metric of several runs, thinned evenly by step.
export const getMetricHistoryBulkInterval = {
  name: "getMetricHistoryBulkInterval",
  method: "GET",
  version: "2.0",
  path: "/mlflow/metrics/get-history-bulk-interval",
  request: {
    run_ids: "string[]*",
    metric_key: "string*",
    start_step: "int32",
    end_step: "int32",
    max_results: "int32",
  },
  response: {
    metrics: "MetricWithRunId[]",
  },
} as const;
