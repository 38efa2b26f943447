// Starts a run in an active experiment.
export const createRun = {
  name: "createRun",
  method: "POST",
  version: "2.0",
  path: "/mlflow/runs/create",
  request: {
    experiment_id: "string",
    user_id: "string",
    run_name: "string",
    start_time: "int64",
    tags: "RunTag[]",
  },
  response: {
    run: "Run",
  },
} as const;
