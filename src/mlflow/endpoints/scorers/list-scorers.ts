// The newest version of every scorer of an experiment.
export const listScorers = {
  name: "listScorers",
  method: "GET",
  version: "3.0",
  path: "/mlflow/scorers/list",
  request: {
    experiment_id: "string",
    experiment_ids: "string[]",
  },
  response: {
    scorers: "Scorer[]",
  },
} as const;
