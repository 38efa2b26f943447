// Sets tags of a logged model.
export const setLoggedModelTags = {
  name: "setLoggedModelTags",
  method: "PATCH",
  version: "2.0",
  path: "/mlflow/logged-models/{model_id}/tags",
  request: {
    model_id: "string*",
    tags: "LoggedModelTag[]",
  },
  response: {
    model: "LoggedModel",
  },
} as const;
