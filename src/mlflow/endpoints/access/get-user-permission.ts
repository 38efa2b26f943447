// What holds for a user and a thing, granted or not.
export const getUserPermission = {
  name: "getUserPermission",
  method: "GET",
  version: "3.0",
  path: "/mlflow/users/permissions/get",
  request: {
    username: "string*",
    resource_type: "string*",
    resource_id: "string*",
  },
  response: {
    allowed: "bool",
    permission: "string",
  },
} as const;
