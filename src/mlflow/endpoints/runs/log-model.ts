// Records in a run's tag which model was logged in it (MLflow 2).
export const logModel = {
  name: "logModel",
  method: "POST",
  version: "2.0",
  path: "/mlflow/runs/log-model",
  request: {
    run_id: "string*",
    model_json: "string*",
  },
  response: {},
} as const;
