// Renames an experiment.
export const updateExperiment = {
  name: "updateExperiment",
  method: "POST",
  version: "2.0",
  path: "/mlflow/experiments/update",
  request: {
    experiment_id: "string*",
    new_name: "string",
  },
  response: {},
} as const;
