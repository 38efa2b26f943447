// Grants a right to a registered model that had none.
export const createRegisteredModelPermission = {
  name: "createRegisteredModelPermission",
  method: "POST",
  version: "2.0",
  path: "/mlflow/registered-models/permissions/create",
  request: {
    name: "string*",
    username: "string*",
    permission: "string*",
  },
  response: {
    registered_model_permission: "json",
  },
} as const;
