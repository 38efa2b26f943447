// Deletes a registered model with its versions.
export const deleteRegisteredModel = {
  name: "deleteRegisteredModel",
  method: "DELETE",
  version: "2.0",
  path: "/mlflow/registered-models/delete",
  request: {
    name: "string*",
  },
  response: {},
} as const;
