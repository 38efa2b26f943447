// Removes a tag of a trace.
export const deleteTraceTagV3 = {
  name: "deleteTraceTagV3",
  method: "DELETE",
  version: "3.0",
  path: "/mlflow/traces/{trace_id}/tags",
  request: {
    trace_id: "string*",
    key: "string*",
  },
  response: {},
} as const;
