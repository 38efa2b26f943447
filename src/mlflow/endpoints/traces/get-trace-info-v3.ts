// What is known of a trace, without its spans.
export const getTraceInfoV3 = {
  name: "getTraceInfoV3",
  method: "GET",
  version: "3.0",
  path: "/mlflow/traces/{trace_id}",
  request: {
    trace_id: "string*",
  },
  response: {
    trace: "Trace",
  },
} as const;
