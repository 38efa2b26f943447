// Adds parameters to a logged model.
export const logLoggedModelParams = {
  name: "logLoggedModelParams",
  method: "POST",
  version: "2.0",
  path: "/mlflow/logged-models/{model_id}/params",
  request: {
    model_id: "string*",
    params: "LoggedModelParameter[]",
  },
  response: {},
} as const;
