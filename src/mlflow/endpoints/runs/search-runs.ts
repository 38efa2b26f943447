// Runs of some experiments by a filter, page by page.
export const searchRuns = {
  name: "searchRuns",
  method: "POST",
  version: "2.0",
  path: "/mlflow/runs/search",
  request: {
    experiment_ids: "string[]",
    filter: "string",
    run_view_type: "ViewType=ACTIVE_ONLY",
    max_results: "int32=1000",
    order_by: "string[]",
    page_token: "string",
  },
  response: {
    runs: "Run[]",
    next_page_token: "string",
  },
} as const;
