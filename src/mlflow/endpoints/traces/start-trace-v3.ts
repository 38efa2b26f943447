// Writes what is known of a trace.
export const startTraceV3 = {
  name: "startTraceV3",
  method: "POST",
  version: "3.0",
  path: "/mlflow/traces",
  request: {
    trace: "Trace*",
  },
  response: {
    trace: "Trace",
  },
} as const;
