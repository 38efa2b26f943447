// Makes a webhook.
export const createWebhook = {
  name: "createWebhook",
  method: "POST",
  version: "2.0",
  path: "/mlflow/webhooks",
  request: {
    name: "string*",
    description: "string",
    url: "string*",
    events: "WebhookEvent[]*",
    secret: "string",
    status: "WebhookStatus",
  },
  response: {
    webhook: "Webhook",
  },
} as const;
