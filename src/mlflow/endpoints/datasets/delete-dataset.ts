// Deletes an evaluation data set.
export const deleteDataset = {
  name: "deleteDataset",
  method: "DELETE",
  version: "3.0",
  path: "/mlflow/datasets/{dataset_id}",
  request: {
    dataset_id: "string*",
  },
  response: {},
} as const;
