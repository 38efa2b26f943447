// Registered models by a filter, page by page.
export const searchRegisteredModels = {
  name: "searchRegisteredModels",
  method: "GET",
  version: "2.0",
  path: "/mlflow/registered-models/search",
  request: {
    filter: "string",
    max_results: "int64=100",
    order_by: "string[]",
    page_token: "string",
  },
  response: {
    registered_models: "RegisteredModel[]",
    next_page_token: "string",
  },
} as const;
