// What lies in a folder below the server's artifact root.
export const listProxyArtifacts = {
  name: "listProxyArtifacts",
  method: "GET",
  version: "2.0",
  path: "/mlflow-artifacts/artifacts",
  request: {
    path: "string",
  },
  response: {
    files: "FileInfo[]",
  },
} as const;
