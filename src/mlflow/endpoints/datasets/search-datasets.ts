// The data sets that runs of some experiments have read.
export const searchDatasets = {
  name: "searchDatasets",
  method: "POST",
  version: "2.0",
  path: "/mlflow/experiments/search-datasets",
  request: {
    experiment_ids: "string[]",
  },
  response: {
    dataset_summaries: "DatasetSummary[]",
  },
} as const;
