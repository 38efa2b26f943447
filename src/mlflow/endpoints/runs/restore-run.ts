// Brings a deleted run back.
export const restoreRun = {
  name: "restoreRun",
  method: "POST",
  version: "2.0",
  path: "/mlflow/runs/restore",
  request: {
    run_id: "string*",
  },
  response: {},
} as const;
