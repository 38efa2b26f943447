// The spans of a trace as a file, for the user interface.
export const getTraceArtifact = {
  name: "getTraceArtifact",
  method: "GET",
  version: "ajax-2.0",
  path: "/mlflow/get-trace-artifact",
  request: {
    request_id: "string*",
    path: "string",
  },
  response: {},
} as const;
