// A user's own right to an experiment.
export const getExperimentPermission = {
  name: "getExperimentPermission",
  method: "GET",
  version: "2.0",
  path: "/mlflow/experiments/permissions/get",
  request: {
    experiment_id: "string*",
    username: "string*",
  },
  response: {
    experiment_permission: "json",
  },
} as const;
