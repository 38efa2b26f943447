// Another right in its place.
export const updateRegisteredModelPermission = {
  name: "updateRegisteredModelPermission",
  method: "PATCH",
  version: "2.0",
  path: "/mlflow/registered-models/permissions/update",
  request: {
    name: "string*",
    username: "string*",
    permission: "string*",
  },
  response: {},
} as const;
