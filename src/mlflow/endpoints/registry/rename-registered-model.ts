// Renames a registered model.
export const renameRegisteredModel = {
  name: "renameRegisteredModel",
  method: "POST",
  version: "2.0",
  path: "/mlflow/registered-models/rename",
  request: {
    name: "string*",
    new_name: "string*",
  },
  response: {
    registered_model: "RegisteredModel",
  },
} as const;
