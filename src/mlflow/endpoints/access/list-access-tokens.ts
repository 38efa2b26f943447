// A user's tokens, without what they are.
export const listAccessTokens = {
  name: "listAccessTokens",
  method: "GET",
  version: "none",
  path: "/api/2.0/trimaran/tokens/list",
  request: {
    username: "string",
  },
  response: {
    tokens: "json",
  },
} as const;
