// Several traces with their spans.
export const batchGetTraces = {
  name: "batchGetTraces",
  method: "GET",
  version: "3.0",
  path: "/mlflow/traces/batchGet",
  request: {
    trace_ids: "string[]*",
    experiment_ids: "string[]",
  },
  response: {
    traces: "Trace[]",
  },
} as const;
