// Evaluation data sets by a filter, page by page.
export const searchEvaluationDatasets = {
  name: "searchEvaluationDatasets",
  method: "POST",
  alsoMethod: "GET",
  version: "3.0",
  path: "/mlflow/datasets/search",
  request: {
    experiment_ids: "string[]",
    filter_string: "string",
    max_results: "int32=1000",
    order_by: "string[]",
    page_token: "string",
  },
  response: {
    datasets: "EvaluationDataset[]",
    next_page_token: "string",
  },
} as const;
