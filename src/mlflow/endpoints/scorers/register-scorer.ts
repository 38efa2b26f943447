// Adds a version of a scorer.
export const registerScorer = {
  name: "registerScorer",
  method: "POST",
  version: "3.0",
  path: "/mlflow/scorers/register",
  request: {
    experiment_id: "string*",
    name: "string*",
    serialized_scorer: "string*",
  },
  response: {
    version: "int32",
    scorer_id: "string",
    experiment_id: "string",
    name: "string",
    serialized_scorer: "string",
    creation_time: "int64",
  },
} as const;
