// Messages of MLflow's wire protocol: webhooks. A field's text is read by wire/field-type.ts.
export const webhooksMessages = {
  WebhookEvent: {
    entity: "WebhookEntity*",
    action: "WebhookAction*",
  },
  Webhook: {
    webhook_id: "string",
    name: "string",
    description: "string",
    url: "string",
    events: "WebhookEvent[]",
    status: "WebhookStatus",
    creation_timestamp: "int64",
    last_updated_timestamp: "int64",
  },
  WebhookTestResult: {
    success: "bool",
    response_status: "int32",
    response_body: "string",
    error_message: "string",
  },
} as const;
