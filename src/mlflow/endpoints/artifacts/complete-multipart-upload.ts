// Ends an upload in parts: the file is there afterwards.
export const completeMultipartUpload = {
  name: "completeMultipartUpload",
  method: "POST",
  version: "2.0",
  path: "/mlflow-artifacts/mpu/complete/{artifact_path...}",
  request: {
    artifact_path: "string*",
    path: "string*",
    upload_id: "string",
    parts: "MultipartUploadPart[]*",
  },
  response: {},
} as const;
