// Writes a small file of a run, for the user interface.
export const uploadRunArtifact = {
  name: "uploadRunArtifact",
  method: "POST",
  version: "ajax-2.0",
  path: "/mlflow/upload-artifact",
  request: {
    run_uuid: "string*",
    path: "string*",
  },
  response: {},
} as const;
