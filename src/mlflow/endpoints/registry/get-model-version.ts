// One version of a registered model.
export const getModelVersion = {
  name: "getModelVersion",
  method: "GET",
  version: "2.0",
  path: "/mlflow/model-versions/get",
  request: {
    name: "string*",
    version: "string*",
  },
  response: {
    model_version: "ModelVersion",
  },
} as const;
