// A user's own right to a registered model.
export const getRegisteredModelPermission = {
  name: "getRegisteredModelPermission",
  method: "GET",
  version: "2.0",
  path: "/mlflow/registered-models/permissions/get",
  request: {
    name: "string*",
    username: "string*",
  },
  response: {
    registered_model_permission: "json",
  },
} as const;
