// The bytes of a file of a run.
export const getRunArtifact = {
  name: "getRunArtifact",
  method: "GET",
  version: "none",
  path: "/get-artifact",
  request: {
    run_id: "string*",
    run_uuid: "string",
    path: "string*",
  },
  response: {},
} as const;
