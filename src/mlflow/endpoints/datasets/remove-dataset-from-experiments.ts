// Takes an evaluation data set out of experiments.
export const removeDatasetFromExperiments = {
  name: "removeDatasetFromExperiments",
  method: "POST",
  version: "3.0",
  path: "/mlflow/datasets/{dataset_id}/remove-experiments",
  request: {
    dataset_id: "string*",
    experiment_ids: "string[]",
  },
  response: {
    dataset: "EvaluationDataset",
  },
} as const;
