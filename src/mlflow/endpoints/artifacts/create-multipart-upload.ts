// Begins an upload in parts.
export const createMultipartUpload = {
  name: "createMultipartUpload",
  method: "POST",
  version: "2.0",
  path: "/mlflow-artifacts/mpu/create/{artifact_path...}",
  request: {
    artifact_path: "string*",
    path: "string*",
    num_parts: "int64",
  },
  response: {
    upload_id: "string",
    credentials: "MultipartUploadCredential[]",
  },
} as const;
