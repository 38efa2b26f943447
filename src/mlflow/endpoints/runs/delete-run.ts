// Marks a run as deleted.
export const deleteRun = {
  name: "deleteRun",
  method: "POST",
  version: "2.0",
  path: "/mlflow/runs/delete",
  request: {
    run_id: "string*",
  },
  response: {},
} as const;
