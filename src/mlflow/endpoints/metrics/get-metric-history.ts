// Every point of a metric of one run, page by page.
export const getMetricHistory = {
  name: "getMetricHistory",
  method: "GET",
  version: "2.0",
  path: "/mlflow/metrics/get-history",
  request: {
    run_id: "string*",
    run_uuid: "string",
    metric_key: "string*",
    page_token: "string",
    max_results: "int32",
  },
  response: {
    metrics: "Metric[]",
    next_page_token: "string",
  },
} as const;
