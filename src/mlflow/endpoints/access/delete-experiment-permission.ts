// Takes it back: what is granted to all holds again.
export const deleteExperimentPermission = {
  name: "deleteExperimentPermission",
  method: "DELETE",
  version: "2.0",
  path: "/mlflow/experiments/permissions/delete",
  request: {
    experiment_id: "string*",
    username: "string*",
  },
  response: {},
} as const;
