// Writes a parameter, which never changes afterwards.
export const logParam = {
  name: "logParam",
  method: "POST",
  version: "2.0",
  path: "/mlflow/runs/log-parameter",
  request: {
    run_id: "string*",
    run_uuid: "string",
    key: "string*",
    value: "string",
  },
  response: {},
} as const;
