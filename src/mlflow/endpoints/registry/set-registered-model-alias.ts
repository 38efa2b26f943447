// Points an alias at a version.
export const setRegisteredModelAlias = {
  name: "setRegisteredModelAlias",
  method: "POST",
  version: "2.0",
  path: "/mlflow/registered-models/alias",
  request: {
    name: "string*",
    alias: "string*",
    version: "string*",
  },
  response: {},
} as const;
