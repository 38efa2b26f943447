// Marks an experiment and its runs as deleted.
export const deleteExperiment = {
  name: "deleteExperiment",
  method: "POST",
  version: "2.0",
  path: "/mlflow/experiments/delete",
  request: {
    experiment_id: "string*",
  },
  response: {},
} as const;
