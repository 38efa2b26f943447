// Makes a logged model, which waits for its files.
export const createLoggedModel = {
  name: "createLoggedModel",
  method: "POST",
  version: "2.0",
  path: "/mlflow/logged-models",
  request: {
    experiment_id: "string*",
    name: "string",
    model_type: "string",
    source_run_id: "string",
    params: "LoggedModelParameter[]",
    tags: "LoggedModelTag[]",
  },
  response: {
    model: "LoggedModel",
  },
} as const;
