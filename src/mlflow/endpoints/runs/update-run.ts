// Changes a run's status, end or name.
export const updateRun = {
  name: "updateRun",
  method: "POST",
  version: "2.0",
  path: "/mlflow/runs/update",
  request: {
    run_id: "string*",
    run_uuid: "string",
    status: "RunStatus",
    end_time: "int64",
    run_name: "string",
  },
  response: {
    run_info: "RunInfo",
  },
} as const;
