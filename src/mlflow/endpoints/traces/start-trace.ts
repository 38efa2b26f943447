// Starts a trace (MLflow 2).
export const startTrace = {
  name: "startTrace",
  method: "POST",
  version: "2.0",
  path: "/mlflow/traces",
  request: {
    experiment_id: "string",
    timestamp_ms: "int64",
    request_metadata: "TraceRequestMetadata[]",
    tags: "TraceTag[]",
  },
  response: {
    trace_info: "TraceInfo",
  },
} as const;
