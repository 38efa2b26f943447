// Deletes what lies below a path of the server's artifact root.
export const deleteArtifact = {
  name: "deleteArtifact",
  method: "DELETE",
  version: "2.0",
  path: "/mlflow-artifacts/artifacts/{artifact_path...}",
  request: {
    artifact_path: "string*",
  },
  response: {},
} as const;
