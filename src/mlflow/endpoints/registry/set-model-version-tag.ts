// Sets a tag of a version.
export const setModelVersionTag = {
  name: "setModelVersionTag",
  method: "POST",
  version: "2.0",
  path: "/mlflow/model-versions/set-tag",
  request: {
    name: "string*",
    version: "string*",
    key: "string*",
    value: "string",
  },
  response: {},
} as const;
