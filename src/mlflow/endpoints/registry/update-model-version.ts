// Changes a version's description.
export const updateModelVersion = {
  name: "updateModelVersion",
  method: "PATCH",
  version: "2.0",
  path: "/mlflow/model-versions/update",
  request: {
    name: "string*",
    version: "string*",
    description: "string",
  },
  response: {
    model_version: "ModelVersion",
  },
} as const;
