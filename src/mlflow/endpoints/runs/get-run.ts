// One run with its latest metrics, its parameters, tags, inputs and outputs.
export const getRun = {
  name: "getRun",
  method: "GET",
  version: "2.0",
  path: "/mlflow/runs/get",
  request: {
    run_id: "string*",
    run_uuid: "string",
  },
  response: {
    run: "Run",
  },
} as const;
