// Registers a version of a model.
export const createModelVersion = {
  name: "createModelVersion",
  method: "POST",
  version: "2.0",
  path: "/mlflow/model-versions/create",
  request: {
    name: "string*",
    source: "string*",
    run_id: "string",
    tags: "ModelVersionTag[]",
    run_link: "string",
    description: "string",
    model_id: "string",
  },
  response: {
    model_version: "ModelVersion",
  },
} as const;
