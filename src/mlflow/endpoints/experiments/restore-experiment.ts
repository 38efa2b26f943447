// Brings a deleted experiment back, with its runs.
export const restoreExperiment = {
  name: "restoreExperiment",
  method: "POST",
  version: "2.0",
  path: "/mlflow/experiments/restore",
  request: {
    experiment_id: "string*",
  },
  response: {},
} as const;
