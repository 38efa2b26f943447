// Sets a tag of a run.
export const setTag = {
  name: "setTag",
  method: "POST",
  version: "2.0",
  path: "/mlflow/runs/set-tag",
  request: {
    run_id: "string*",
    run_uuid: "string",
    key: "string*",
    value: "string",
  },
  response: {},
} as const;
