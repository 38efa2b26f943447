// One evaluation data set.
export const getDataset = {
  name: "getDataset",
  method: "GET",
  version: "3.0",
  path: "/mlflow/datasets/{dataset_id}",
  request: {
    dataset_id: "string*",
    page_token: "string",
  },
  response: {
    dataset: "EvaluationDataset",
    next_page_token: "string",
  },
} as const;
