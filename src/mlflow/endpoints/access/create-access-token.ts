// Makes a token, which is told this one time (ours; no client of MLflow knows it).
export const createAccessToken = {
  name: "createAccessToken",
  method: "POST",
  version: "none",
  path: "/api/2.0/trimaran/tokens/create",
  request: {
    username: "string",
    note: "string",
    expires_in_seconds: "int64",
  },
  response: {
    token: "string",
    token_info: "json",
  },
} as const;
