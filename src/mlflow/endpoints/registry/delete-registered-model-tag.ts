// Removes a tag of a registered model.
export const deleteRegisteredModelTag = {
  name: "deleteRegisteredModelTag",
  method: "DELETE",
  version: "2.0",
  path: "/mlflow/registered-models/delete-tag",
  request: {
    name: "string*",
    key: "string*",
  },
  response: {},
} as const;
