// One experiment by its id.
export const getExperiment = {
  name: "getExperiment",
  method: "GET",
  version: "2.0",
  path: "/mlflow/experiments/get",
  request: {
    experiment_id: "string*",
  },
  response: {
    experiment: "Experiment",
  },
} as const;
