// Adds or replaces records of an evaluation data set.
export const upsertDatasetRecords = {
  name: "upsertDatasetRecords",
  method: "POST",
  version: "3.0",
  path: "/mlflow/datasets/{dataset_id}/records",
  request: {
    dataset_id: "string*",
    records: "string*",
    updated_by: "string",
  },
  response: {
    inserted_count: "int32",
    updated_count: "int32",
  },
} as const;
