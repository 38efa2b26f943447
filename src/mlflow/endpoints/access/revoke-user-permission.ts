// Takes it back.
export const revokeUserPermission = {
  name: "revokeUserPermission",
  method: "POST",
  version: "3.0",
  path: "/mlflow/users/permissions/revoke",
  request: {
    username: "string*",
    resource_type: "string*",
    resource_id: "string*",
  },
  response: {},
} as const;
