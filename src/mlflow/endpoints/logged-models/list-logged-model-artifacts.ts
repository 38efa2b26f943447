// What lies in a folder of a logged model's artifacts.
export const listLoggedModelArtifacts = {
  name: "listLoggedModelArtifacts",
  method: "GET",
  version: "2.0",
  path: "/mlflow/logged-models/{model_id}/artifacts/directories",
  request: {
    model_id: "string*",
    artifact_directory_path: "string",
    page_token: "string",
  },
  response: {
    root_uri: "string",
    files: "FileInfo[]",
    next_page_token: "string",
  },
} as const;
