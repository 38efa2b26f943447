// The endpoints of MLflow's webhooks.
import { createWebhook } from "./webhooks/create-webhook.ts";
import { deleteWebhook } from "./webhooks/delete-webhook.ts";
import { getWebhook } from "./webhooks/get-webhook.ts";
import { listWebhooks } from "./webhooks/list-webhooks.ts";
import { testWebhook } from "./webhooks/test-webhook.ts";
import { updateWebhook } from "./webhooks/update-webhook.ts";

export const webhooksEndpoints: {
  readonly createWebhook: typeof createWebhook;
  readonly listWebhooks: typeof listWebhooks;
  readonly getWebhook: typeof getWebhook;
  readonly updateWebhook: typeof updateWebhook;
  readonly deleteWebhook: typeof deleteWebhook;
  readonly testWebhook: typeof testWebhook;
} = {
  createWebhook,
  listWebhooks,
  getWebhook,
  updateWebhook,
  deleteWebhook,
  testWebhook,
};
