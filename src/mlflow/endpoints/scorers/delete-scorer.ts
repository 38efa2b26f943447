// Deletes a scorer, or one version of it.
export const deleteScorer = {
  name: "deleteScorer",
  method: "DELETE",
  version: "3.0",
  path: "/mlflow/scorers/delete",
  request: {
    experiment_id: "string*",
    name: "string*",
    version: "int32",
  },
  response: {},
} as const;
