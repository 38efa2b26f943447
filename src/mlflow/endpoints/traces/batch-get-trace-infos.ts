// What is known of several traces, without their spans.
export const batchGetTraceInfos = {
  name: "batchGetTraceInfos",
  method: "POST",
  version: "3.0",
  path: "/mlflow/traces/batchGetInfos",
  request: {
    trace_ids: "string[]*",
    experiment_ids: "string[]",
  },
  response: {
    trace_infos: "TraceInfoV3[]",
  },
} as const;
