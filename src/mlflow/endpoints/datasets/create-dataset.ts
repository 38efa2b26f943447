// Makes an evaluation data set.
export const createDataset = {
  name: "createDataset",
  method: "POST",
  version: "3.0",
  path: "/mlflow/datasets/create",
  request: {
    name: "string*",
    experiment_ids: "string[]",
    source_type: "RecordSourceType",
    source: "string",
    schema: "string",
    profile: "string",
    created_by: "string",
    tags: "string",
  },
  response: {
    dataset: "EvaluationDataset",
  },
} as const;
