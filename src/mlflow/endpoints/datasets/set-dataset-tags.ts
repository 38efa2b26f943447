// Sets tags of an evaluation data set.
export const setDatasetTags = {
  name: "setDatasetTags",
  method: "PATCH",
  version: "3.0",
  path: "/mlflow/datasets/{dataset_id}/tags",
  request: {
    dataset_id: "string*",
    tags: "string*",
  },
  response: {
    dataset: "EvaluationDataset",
  },
} as const;
