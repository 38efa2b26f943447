// One experiment by its name; a deleted one too.
export const getExperimentByName = {
  name: "getExperimentByName",
  method: "GET",
  version: "2.0",
  path: "/mlflow/experiments/get-by-name",
  request: {
    experiment_name: "string*",
  },
  response: {
    experiment: "Experiment",
  },
} as const;
