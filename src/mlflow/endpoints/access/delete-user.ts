// Deletes a user with its rights and tokens.
export const deleteUser = {
  name: "deleteUser",
  method: "DELETE",
  version: "2.0",
  path: "/mlflow/users/delete",
  request: {
    username: "string*",
  },
  response: {},
} as const;
