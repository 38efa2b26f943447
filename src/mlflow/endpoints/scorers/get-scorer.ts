// One version of a scorer.
export const getScorer = {
  name: "getScorer",
  method: "GET",
  version: "3.0",
  path: "/mlflow/scorers/get",
  request: {
    experiment_id: "string*",
    name: "string*",
    version: "int32",
  },
  response: {
    scorer: "Scorer",
  },
} as const;
