// A trace with its spans.
export const getTrace = {
  name: "getTrace",
  method: "GET",
  version: "3.0",
  path: "/mlflow/traces/get",
  request: {
    trace_id: "string*",
    allow_partial: "bool=false",
  },
  response: {
    trace: "Trace",
  },
} as const;
