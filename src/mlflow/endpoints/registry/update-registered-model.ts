// Changes a registered model's description.
export const updateRegisteredModel = {
  name: "updateRegisteredModel",
  method: "PATCH",
  version: "2.0",
  path: "/mlflow/registered-models/update",
  request: {
    name: "string*",
    description: "string",
    deployment_job_id: "string",
  },
  response: {
    registered_model: "RegisteredModel",
  },
} as const;
