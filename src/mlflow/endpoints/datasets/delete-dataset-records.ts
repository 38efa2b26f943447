// Deletes records of an evaluation data set.
export const deleteDatasetRecords = {
  name: "deleteDatasetRecords",
  method: "DELETE",
  version: "3.0",
  path: "/mlflow/datasets/{dataset_id}/records",
  request: {
    dataset_id: "string*",
    dataset_record_ids: "string[]",
  },
  response: {
    deleted_count: "int32",
  },
} as const;
