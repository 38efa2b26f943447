// Deletes a version.
export const deleteModelVersion = {
  name: "deleteModelVersion",
  method: "DELETE",
  version: "2.0",
  path: "/mlflow/model-versions/delete",
  request: {
    name: "string*",
    version: "string*",
  },
  response: {},
} as const;
