// Points of a metric of several runs, for the user interface.
export const getMetricHistoryBulk = {
  name: "getMetricHistoryBulk",
  method: "GET",
  version: "ajax-2.0",
  path: "/mlflow/metrics/get-history-bulk",
  request: {
    run_id: "string[]",
    metric_key: "string",
    max_results: "int32=25000",
  },
  response: {
    metrics: "MetricWithRunId[]",
  },
} as const;
