// Grants a right, or another one in its place (clients from 3.17 on).
export const grantUserPermission = {
  name: "grantUserPermission",
  method: "POST",
  version: "3.0",
  path: "/mlflow/users/permissions/grant",
  request: {
    username: "string*",
    resource_type: "string*",
    resource_id: "string*",
    permission: "string*",
  },
  response: {},
} as const;
