// Makes a registered model without versions.
export const createRegisteredModel = {
  name: "createRegisteredModel",
  method: "POST",
  version: "2.0",
  path: "/mlflow/registered-models/create",
  request: {
    name: "string*",
    tags: "RegisteredModelTag[]",
    description: "string",
    deployment_job_id: "string",
  },
  response: {
    registered_model: "RegisteredModel",
  },
} as const;
