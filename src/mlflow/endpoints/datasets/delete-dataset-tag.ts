// Removes a tag of an evaluation data set.
export const deleteDatasetTag = {
  name: "deleteDatasetTag",
  method: "DELETE",
  version: "3.0",
  path: "/mlflow/datasets/{dataset_id}/tags/{key}",
  request: {
    dataset_id: "string*",
    key: "string*",
  },
  response: {},
} as const;
