// Deletes traces by age or by id.
export const deleteTracesV3 = {
  name: "deleteTracesV3",
  method: "POST",
  version: "3.0",
  path: "/mlflow/traces/delete-traces",
  request: {
    experiment_id: "string*",
    max_timestamp_millis: "int64",
    max_traces: "int32",
    request_ids: "string[]",
  },
  response: {
    traces_deleted: "int32",
  },
} as const;
