// Removes a tag of a logged model.
export const deleteLoggedModelTag = {
  name: "deleteLoggedModelTag",
  method: "DELETE",
  version: "2.0",
  path: "/mlflow/logged-models/{model_id}/tags/{tag_key}",
  request: {
    model_id: "string*",
    tag_key: "string*",
  },
  response: {},
} as const;
