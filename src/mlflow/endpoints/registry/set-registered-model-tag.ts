// Sets a tag of a registered model.
export const setRegisteredModelTag = {
  name: "setRegisteredModelTag",
  method: "POST",
  version: "2.0",
  path: "/mlflow/registered-models/set-tag",
  request: {
    name: "string*",
    key: "string*",
    value: "string",
  },
  response: {},
} as const;
