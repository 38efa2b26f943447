// Makes a user an administrator, or no more.
export const updateUserAdmin = {
  name: "updateUserAdmin",
  method: "PATCH",
  version: "2.0",
  path: "/mlflow/users/update-admin",
  request: {
    username: "string*",
    is_admin: "bool*",
  },
  response: {},
} as const;
