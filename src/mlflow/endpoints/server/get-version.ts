// The version of MLflow that the server speaks, in plain text.
export const getVersion = {
  name: "getVersion",
  method: "GET",
  version: "none",
  path: "/version",
  request: {},
  response: {},
} as const;
