// Grants a right to an experiment that had none.
export const createExperimentPermission = {
  name: "createExperimentPermission",
  method: "POST",
  version: "2.0",
  path: "/mlflow/experiments/permissions/create",
  request: {
    experiment_id: "string*",
    username: "string*",
    permission: "string*",
  },
  response: {
    experiment_permission: "json",
  },
} as const;
