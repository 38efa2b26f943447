// What is known of a trace, without its spans (MLflow 2).
export const getTraceInfo = {
  name: "getTraceInfo",
  method: "GET",
  version: "2.0",
  path: "/mlflow/traces/{request_id}/info",
  request: {
    request_id: "string*",
  },
  response: {
    trace_info: "TraceInfo",
  },
} as const;
