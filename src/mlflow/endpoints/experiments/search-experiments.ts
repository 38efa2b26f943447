// Experiments by a filter, page by page.
export const searchExperiments = {
  name: "searchExperiments",
  method: "POST",
  alsoMethod: "GET",
  version: "2.0",
  path: "/mlflow/experiments/search",
  request: {
    max_results: "int64",
    page_token: "string",
    filter: "string",
    order_by: "string[]",
    view_type: "ViewType",
  },
  response: {
    experiments: "Experiment[]",
    next_page_token: "string",
  },
} as const;
