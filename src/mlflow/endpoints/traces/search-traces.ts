// Traces by a filter, page by page (MLflow 2).
export const searchTraces = {
  name: "searchTraces",
  method: "GET",
  version: "2.0",
  path: "/mlflow/traces",
  request: {
    experiment_ids: "string[]*",
    filter: "string",
    max_results: "int32=100",
    order_by: "string[]",
    page_token: "string",
  },
  response: {
    traces: "TraceInfo[]",
    next_page_token: "string",
  },
} as const;
