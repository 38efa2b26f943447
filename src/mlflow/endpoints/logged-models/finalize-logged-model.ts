// Says that a logged model's files are there, or that they failed.
export const finalizeLoggedModel = {
  name: "finalizeLoggedModel",
  method: "PATCH",
  version: "2.0",
  path: "/mlflow/logged-models/{model_id}",
  request: {
    model_id: "string*",
    status: "LoggedModelStatus*",
  },
  response: {
    model: "LoggedModel",
  },
} as const;
