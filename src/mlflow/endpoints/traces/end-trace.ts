// Ends a trace (MLflow 2).
export const endTrace = {
  name: "endTrace",
  method: "PATCH",
  version: "2.0",
  path: "/mlflow/traces/{request_id}",
  request: {
    request_id: "string*",
    timestamp_ms: "int64",
    status: "TraceStatus",
    request_metadata: "TraceRequestMetadata[]",
    tags: "TraceTag[]",
  },
  response: {
    trace_info: "TraceInfo",
  },
} as const;
