// Every webhook, page by page.
export const listWebhooks = {
  name: "listWebhooks",
  method: "GET",
  version: "2.0",
  path: "/mlflow/webhooks",
  request: {
    max_results: "int32=100",
    page_token: "string",
  },
  response: {
    webhooks: "Webhook[]",
    next_page_token: "string",
  },
} as const;
