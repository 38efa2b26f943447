// What the server can do (since MLflow 3.7); older servers have no such path.
export const getServerInfo = {
  name: "getServerInfo",
  method: "GET",
  version: "3.0",
  path: "/mlflow/server-info",
  request: {},
  response: {
    store_type: "string",
    workspaces_enabled: "bool",
    trace_archival_enabled: "bool",
    artifact_serving_enabled: "bool",
    multipart_uploads_enabled: "bool",
    multipart_downloads_enabled: "bool",
  },
} as const;
