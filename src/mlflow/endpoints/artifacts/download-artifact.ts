// The bytes of a file below the server's artifact root.
export const downloadArtifact = {
  name: "downloadArtifact",
  method: "GET",
  version: "2.0",
  path: "/mlflow-artifacts/artifacts/{artifact_path...}",
  request: {
    artifact_path: "string*",
  },
  response: {},
} as const;
