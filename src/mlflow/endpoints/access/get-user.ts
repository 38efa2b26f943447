// A user, with what was granted to it.
export const getUser = {
  name: "getUser",
  method: "GET",
  version: "2.0",
  path: "/mlflow/users/get",
  request: {
    username: "string*",
  },
  response: {
    user: "json",
  },
} as const;
