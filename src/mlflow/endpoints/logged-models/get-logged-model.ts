// One logged model.
export const getLoggedModel = {
  name: "getLoggedModel",
  method: "GET",
  version: "2.0",
  path: "/mlflow/logged-models/{model_id}",
  request: {
    model_id: "string*",
  },
  response: {
    model: "LoggedModel",
  },
} as const;
