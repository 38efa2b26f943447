// Makes an experiment; its name must be free, also among deleted ones.
export const createExperiment = {
  name: "createExperiment",
  method: "POST",
  version: "2.0",
  path: "/mlflow/experiments/create",
  request: {
    name: "string*",
    artifact_location: "string",
    tags: "ExperimentTag[]",
  },
  response: {
    experiment_id: "string",
  },
} as const;
