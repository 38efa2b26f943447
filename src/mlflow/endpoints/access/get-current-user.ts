// Who asks.
export const getCurrentUser = {
  name: "getCurrentUser",
  method: "GET",
  version: "2.0",
  path: "/mlflow/users/current",
  request: {},
  response: {
    user: "json",
    is_basic_auth: "bool",
  },
} as const;
