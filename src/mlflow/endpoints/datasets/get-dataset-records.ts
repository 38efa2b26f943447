// Records of an evaluation data set, page by page.
export const getDatasetRecords = {
  name: "getDatasetRecords",
  method: "GET",
  version: "3.0",
  path: "/mlflow/datasets/{dataset_id}/records",
  request: {
    dataset_id: "string*",
    max_results: "int32=1000",
    page_token: "string",
  },
  response: {
    records: "string",
    next_page_token: "string",
  },
} as const;
