// Another password for a user.
export const updateUserPassword = {
  name: "updateUserPassword",
  method: "PATCH",
  version: "2.0",
  path: "/mlflow/users/update-password",
  request: {
    username: "string*",
    password: "string*",
    current_password: "string",
  },
  response: {},
} as const;
