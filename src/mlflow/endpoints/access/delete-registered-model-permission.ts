// Takes it back: what is granted to all holds again.
export const deleteRegisteredModelPermission = {
  name: "deleteRegisteredModelPermission",
  method: "DELETE",
  version: "2.0",
  path: "/mlflow/registered-models/permissions/delete",
  request: {
    name: "string*",
    username: "string*",
  },
  response: {},
} as const;
