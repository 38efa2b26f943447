// The bytes of a file of a logged model, for the user interface.
export const getLoggedModelArtifact = {
  name: "getLoggedModelArtifact",
  method: "GET",
  version: "ajax-2.0",
  path: "/mlflow/logged-models/{model_id}/artifacts/files",
  request: {
    model_id: "string*",
    artifact_file_path: "string*",
  },
  response: {},
} as const;
