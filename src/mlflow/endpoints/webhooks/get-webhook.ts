// One webhook.
export const getWebhook = {
  name: "getWebhook",
  method: "GET",
  version: "2.0",
  path: "/mlflow/webhooks/{webhook_id}",
  request: {
    webhook_id: "string*",
  },
  response: {
    webhook: "Webhook",
  },
} as const;
