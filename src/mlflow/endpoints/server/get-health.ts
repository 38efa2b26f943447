// Answers OK in plain text while the server lives.
export const getHealth = {
  name: "getHealth",
  method: "GET",
  version: "none",
  path: "/health",
  request: {},
  response: {},
} as const;
