// Makes a user of a server with accounts.
export const createUser = {
  name: "createUser",
  method: "POST",
  version: "2.0",
  path: "/mlflow/users/create",
  request: {
    username: "string*",
    password: "string*",
  },
  response: {
    user: "json",
  },
} as const;
