// Where the files of a version lie.
export const getModelVersionDownloadUri = {
  name: "getModelVersionDownloadUri",
  method: "GET",
  version: "2.0",
  path: "/mlflow/model-versions/get-download-uri",
  request: {
    name: "string",
    version: "string",
  },
  response: {
    artifact_uri: "string",
  },
} as const;
