// Adds an evaluation data set to experiments.
export const addDatasetToExperiments = {
  name: "addDatasetToExperiments",
  method: "POST",
  version: "3.0",
  path: "/mlflow/datasets/{dataset_id}/add-experiments",
  request: {
    dataset_id: "string*",
    experiment_ids: "string[]",
  },
  response: {
    dataset: "EvaluationDataset",
  },
} as const;
