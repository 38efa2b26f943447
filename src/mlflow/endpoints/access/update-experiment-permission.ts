// Another right in its place.
export const updateExperimentPermission = {
  name: "updateExperimentPermission",
  method: "PATCH",
  version: "2.0",
  path: "/mlflow/experiments/permissions/update",
  request: {
    experiment_id: "string*",
    username: "string*",
    permission: "string*",
  },
  response: {},
} as const;
