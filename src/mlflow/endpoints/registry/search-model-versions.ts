// Versions by a filter, page by page.
export const searchModelVersions = {
  name: "searchModelVersions",
  method: "GET",
  version: "2.0",
  path: "/mlflow/model-versions/search",
  request: {
    filter: "string",
    max_results: "int64=200000",
    order_by: "string[]",
    page_token: "string",
  },
  response: {
    model_versions: "ModelVersion[]",
    next_page_token: "string",
  },
} as const;
