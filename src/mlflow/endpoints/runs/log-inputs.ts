// Records which data and models a run has read.
export const logInputs = {
  name: "logInputs",
  method: "POST",
  version: "2.0",
  path: "/mlflow/runs/log-inputs",
  request: {
    run_id: "string*",
    datasets: "DatasetInput[]",
    models: "ModelInput[]",
  },
  response: {},
} as const;
