// The version that an alias points at.
export const getModelVersionByAlias = {
  name: "getModelVersionByAlias",
  method: "GET",
  version: "2.0",
  path: "/mlflow/registered-models/alias",
  request: {
    name: "string*",
    alias: "string*",
  },
  response: {
    model_version: "ModelVersion",
  },
} as const;
