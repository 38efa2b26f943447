// Removes an alias.
export const deleteRegisteredModelAlias = {
  name: "deleteRegisteredModelAlias",
  method: "DELETE",
  version: "2.0",
  path: "/mlflow/registered-models/alias",
  request: {
    name: "string*",
    alias: "string*",
  },
  response: {},
} as const;
