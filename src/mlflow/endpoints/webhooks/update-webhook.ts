// Changes a webhook.
export const updateWebhook = {
  name: "updateWebhook",
  method: "PATCH",
  version: "2.0",
  path: "/mlflow/webhooks/{webhook_id}",
  request: {
    webhook_id: "string*",
    name: "string",
    description: "string",
    url: "string",
    events: "WebhookEvent[]",
    secret: "string",
    status: "WebhookStatus",
  },
  response: {
    webhook: "Webhook",
  },
} as const;
