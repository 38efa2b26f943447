// The experiments that an evaluation data set belongs to.
export const getDatasetExperimentIds = {
  name: "getDatasetExperimentIds",
  method: "GET",
  version: "3.0",
  path: "/mlflow/datasets/{dataset_id}/experiment-ids",
  request: {
    dataset_id: "string*",
  },
  response: {
    experiment_ids: "string[]",
  },
} as const;
