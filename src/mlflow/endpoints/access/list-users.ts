// All users.
export const listUsers = {
  name: "listUsers",
  method: "GET",
  version: "2.0",
  path: "/mlflow/users/list",
  request: {},
  response: {
    users: "json",
  },
} as const;
