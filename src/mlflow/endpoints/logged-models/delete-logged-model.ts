// Marks a logged model as deleted.
export const deleteLoggedModel = {
  name: "deleteLoggedModel",
  method: "DELETE",
  version: "2.0",
  path: "/mlflow/logged-models/{model_id}",
  request: {
    model_id: "string*",
  },
  response: {},
} as const;
