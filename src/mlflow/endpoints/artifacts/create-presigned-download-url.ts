// A URL from which an artifact of a run is read without the server.
export const createPresignedDownloadUrl = {
  name: "createPresignedDownloadUrl",
  method: "POST",
  version: "2.0",
  path: "/mlflow/artifacts/presigned-download-url",
  request: {
    run_id: "string*",
    path: "string*",
    expiration: "int64",
  },
  response: {
    presigned_url: "string",
    headers: "map<string>",
    file_size: "int64",
  },
} as const;
