// A URL from which a file of the artifact root is read without the server.
export const getProxyPresignedUrl = {
  name: "getProxyPresignedUrl",
  method: "GET",
  version: "2.0",
  path: "/mlflow-artifacts/presigned/{artifact_path...}",
  request: {
    artifact_path: "string*",
  },
  response: {
    url: "string",
    headers: "map<string>",
    file_size: "int64",
  },
} as const;
