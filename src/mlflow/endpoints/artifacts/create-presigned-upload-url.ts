// A URL to which an artifact of a run or logged model is written without the server.
export const createPresignedUploadUrl = {
  name: "createPresignedUploadUrl",
  method: "POST",
  version: "2.0",
  path: "/mlflow/artifacts/presigned-upload-url",
  request: {
    run_id: "string",
    path: "string*",
    expiration: "int64",
    model_id: "string",
  },
  response: {
    presigned_url: "string",
    headers: "map<string>",
  },
} as const;
