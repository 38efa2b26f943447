// Every version of a scorer.
export const listScorerVersions = {
  name: "listScorerVersions",
  method: "GET",
  version: "3.0",
  path: "/mlflow/scorers/versions",
  request: {
    experiment_id: "string*",
    name: "string*",
  },
  response: {
    scorers: "Scorer[]",
  },
} as const;
