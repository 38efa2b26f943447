// Sets a tag of an experiment.
export const setExperimentTag = {
  name: "setExperimentTag",
  method: "POST",
  version: "2.0",
  path: "/mlflow/experiments/set-experiment-tag",
  request: {
    experiment_id: "string*",
    key: "string*",
    value: "string",
  },
  response: {},
} as const;
