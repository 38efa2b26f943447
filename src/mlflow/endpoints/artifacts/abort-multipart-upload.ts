// Gives an upload in parts up.
export const abortMultipartUpload = {
  name: "abortMultipartUpload",
  method: "POST",
  version: "2.0",
  path: "/mlflow-artifacts/mpu/abort/{artifact_path...}",
  request: {
    artifact_path: "string*",
    path: "string*",
    upload_id: "string",
  },
  response: {},
} as const;
