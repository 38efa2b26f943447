// Ends a token.
export const deleteAccessToken = {
  name: "deleteAccessToken",
  method: "DELETE",
  version: "none",
  path: "/api/2.0/trimaran/tokens/delete",
  request: {
    token_id: "string*",
  },
  response: {},
} as const;
