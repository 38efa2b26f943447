// Logged models by a filter, page by page.
export const searchLoggedModels = {
  name: "searchLoggedModels",
  method: "POST",
  version: "2.0",
  path: "/mlflow/logged-models/search",
  request: {
    experiment_ids: "string[]*",
    filter: "string",
    datasets: "DatasetFilter[]",
    max_results: "int32=50",
    order_by: "OrderBy[]",
    page_token: "string",
  },
  response: {
    models: "LoggedModel[]",
    next_page_token: "string",
  },
} as const;
