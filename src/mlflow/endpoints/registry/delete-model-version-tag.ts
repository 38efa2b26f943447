// Removes a tag of a version.
export const deleteModelVersionTag = {
  name: "deleteModelVersionTag",
  method: "DELETE",
  version: "2.0",
  path: "/mlflow/model-versions/delete-tag",
  request: {
    name: "string*",
    version: "string*",
    key: "string*",
  },
  response: {},
} as const;
