// The newest version of a registered model in each stage.
export const getLatestVersions = {
  name: "getLatestVersions",
  method: "POST",
  alsoMethod: "GET",
  version: "2.0",
  path: "/mlflow/registered-models/get-latest-versions",
  request: {
    name: "string*",
    stages: "string[]",
  },
  response: {
    model_versions: "ModelVersion[]",
  },
} as const;
