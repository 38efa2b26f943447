// Messages of MLflow's wire protocol: artifacts. A field's text is read by wire/field-type.ts.
export const artifactsMessages = {
  FileInfo: {
    path: "string",
    is_dir: "bool",
    file_size: "int64",
  },
  MultipartUploadCredential: {
    url: "string",
    part_number: "int64",
    headers: "map<string>",
  },
  MultipartUploadPart: {
    part_number: "int64",
    etag: "string",
    url: "string",
  },
} as const;
