// One registered model, with its newest versions and its aliases.
export const getRegisteredModel = {
  name: "getRegisteredModel",
  method: "GET",
  version: "2.0",
  path: "/mlflow/registered-models/get",
  request: {
    name: "string*",
  },
  response: {
    registered_model: "RegisteredModel",
  },
} as const;
