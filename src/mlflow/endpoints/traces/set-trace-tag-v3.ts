// Sets a tag of a trace.
export const setTraceTagV3 = {
  name: "setTraceTagV3",
  method: "PATCH",
  version: "3.0",
  path: "/mlflow/traces/{trace_id}/tags",
  request: {
    trace_id: "string*",
    key: "string*",
    value: "string",
  },
  response: {},
} as const;
