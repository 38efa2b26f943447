// Sets a tag of a trace (MLflow 2).
export const setTraceTag = {
  name: "setTraceTag",
  method: "PATCH",
  version: "2.0",
  path: "/mlflow/traces/{request_id}/tags",
  request: {
    request_id: "string*",
    key: "string*",
    value: "string",
  },
  response: {},
} as const;
