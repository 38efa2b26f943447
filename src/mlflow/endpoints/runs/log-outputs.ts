// Records which models a run has made.
export const logOutputs = {
  name: "logOutputs",
  method: "POST",
  version: "2.0",
  path: "/mlflow/runs/outputs",
  request: {
    run_id: "string*",
    models: "ModelOutput[]*",
  },
  response: {},
} as const;
