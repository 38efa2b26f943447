// Figures over traces, such as latency by hour.
export const queryTraceMetrics = {
  name: "queryTraceMetrics",
  method: "POST",
  version: "3.0",
  path: "/mlflow/traces/metrics",
  request: {
    experiment_ids: "string[]*",
    view_type: "MetricViewType*",
    metric_name: "string*",
    aggregations: "MetricAggregation[]*",
    dimensions: "string[]",
    filters: "string[]",
    time_interval_seconds: "int64",
    start_time_ms: "int64",
    end_time_ms: "int64",
    max_results: "int32=1000",
    page_token: "string",
  },
  response: {
    data_points: "MetricDataPoint[]",
    next_page_token: "string",
  },
} as const;
