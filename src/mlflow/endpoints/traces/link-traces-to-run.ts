// Says that traces belong to a run.
export const linkTracesToRun = {
  name: "linkTracesToRun",
  method: "POST",
  version: "2.0",
  path: "/mlflow/traces/link-to-run",
  request: {
    trace_ids: "string[]*",
    run_id: "string*",
  },
  response: {},
} as const;
