// Sends a webhook an example of an event.
export const testWebhook = {
  name: "testWebhook",
  method: "POST",
  version: "2.0",
  path: "/mlflow/webhooks/{webhook_id}/test",
  request: {
    webhook_id: "string*",
    event: "WebhookEvent",
  },
  response: {
    result: "WebhookTestResult",
  },
} as const;
