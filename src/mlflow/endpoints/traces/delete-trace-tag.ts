// Removes a tag of a trace (MLflow 2).
export const deleteTraceTag = {
  name: "deleteTraceTag",
  method: "DELETE",
  version: "2.0",
  path: "/mlflow/traces/{request_id}/tags",
  request: {
    request_id: "string*",
    key: "string*",
  },
  response: {},
} as const;
