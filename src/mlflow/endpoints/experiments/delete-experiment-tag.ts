// Removes a tag of an experiment.
export const deleteExperimentTag = {
  name: "deleteExperimentTag",
  method: "POST",
  version: "2.0",
  path: "/mlflow/experiments/delete-experiment-tag",
  request: {
    experiment_id: "string*",
    key: "string*",
  },
  response: {},
} as const;
