// The bytes of a file of a model version.
export const getModelVersionArtifact = {
  name: "getModelVersionArtifact",
  method: "GET",
  version: "none",
  path: "/model-versions/get-artifact",
  request: {
    name: "string*",
    version: "string*",
    path: "string*",
  },
  response: {},
} as const;
