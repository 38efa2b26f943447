// Traces by a filter, page by page.
export const searchTracesV3 = {
  name: "searchTracesV3",
  method: "POST",
  version: "3.0",
  path: "/mlflow/traces/search",
  request: {
    locations: "TraceLocation[]*",
    filter: "string",
    max_results: "int32=100",
    order_by: "string[]",
    page_token: "string",
  },
  response: {
    traces: "TraceInfoV3[]",
    next_page_token: "string",
  },
} as const;
