// What lies in a folder of a run's artifacts.
export const listArtifacts = {
  name: "listArtifacts",
  method: "GET",
  version: "2.0",
  path: "/mlflow/artifacts/list",
  request: {
    run_id: "string*",
    run_uuid: "string",
    path: "string",
    page_token: "string",
  },
  response: {
    root_uri: "string",
    files: "FileInfo[]",
    next_page_token: "string",
  },
} as const;
