// Deletes a webhook.
export const deleteWebhook = {
  name: "deleteWebhook",
  method: "DELETE",
  version: "2.0",
  path: "/mlflow/webhooks/{webhook_id}",
  request: {
    webhook_id: "string*",
  },
  response: {},
} as const;
