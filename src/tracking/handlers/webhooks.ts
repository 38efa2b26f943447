// Webhooks: what clients may ask. A secret goes in and never comes out.
import { assertLength } from "../../mlflow/wire/limits.ts";
import { invalidParameter, WireError } from "../../mlflow/wire/wire-error.ts";
import { pageOf, pageSize, readPageToken } from "../search/page.ts";
import { optionalText, textOf } from "../store/rows.ts";
import * as stored from "../store/webhooks.ts";
import { exampleOf, isKnownEvent } from "../webhooks/registry-events.ts";
import type { WebhookSender } from "../webhooks/webhook-sender.ts";
import { resolveTarget } from "../webhooks/webhook-target.ts";
import type { Handlers, TrackingContext } from "./handler.ts";

type Names = "createWebhook" | "listWebhooks" | "getWebhook" | "updateWebhook" | "deleteWebhook" | "testWebhook";

export const webhookHandlers: Handlers<Names> = {
  createWebhook: async ({ name, description, url, events, secret, status = "ACTIVE" }, context) => {
    const { store } = context;
    const sender = senderOf(context);
    assertName(name);
    assertEvents(events);
    assertDescription(description);
    await resolveTarget(url, sender.rules);
    const sealedSecret = sealed(sender, secret) ?? null;
    const webhook = { name, description: description || null, url, events, sealedSecret, status };
    const id = await store.database.transaction((statements) => stored.insertWebhook(statements, webhook, store.now()));
    return { webhook: await one(context, id) };
  },
  listWebhooks: async ({ max_results, page_token }, { store }) => {
    const size = pageSize(max_results, { max: 1000, usual: 100 });
    const offset = readPageToken(page_token);
    const found = await stored.webhookPage(store.database, { limit: size + 1, offset });
    const { rows, token } = pageOf(found, { offset, size });
    return { webhooks: await stored.webhookAnswers(store.database, rows), next_page_token: token };
  },
  getWebhook: async ({ webhook_id }, context) => ({ webhook: await one(context, webhook_id) }),
  updateWebhook: async ({ webhook_id: id, name, description, url, events, secret, status }, context) => {
    const { store } = context;
    const sender = senderOf(context);
    if (name) assertName(name);
    if (events.length > 0) assertEvents(events);
    assertDescription(description);
    if (url) await resolveTarget(url, sender.rules);
    const change = {
      name: name || undefined,
      description,
      url: url || undefined,
      events: events.length > 0 ? events : undefined,
      sealedSecret: sealed(sender, secret),
      status,
      time: store.now(),
    };
    await store.database.transaction((statements) => stored.changeWebhook(statements, id, change));
    return { webhook: await one(context, id) };
  },
  deleteWebhook: async ({ webhook_id }, { store }) => {
    await store.database.transaction((statements) => stored.dropWebhook(statements, webhook_id, store.now()));
    return {};
  },
  testWebhook: async ({ webhook_id, event }, context) => {
    const { database } = context.store;
    const row = await stored.webhookRow(database, webhook_id);
    const [webhook] = await stored.webhookAnswers(database, [row]);
    const tested = event ?? (webhook?.events?.[0] as stored.WebhookEvent | undefined);
    if (tested === undefined || !isKnownEvent(tested))
      throw invalidParameter("The webhook has no event to be tested with.");
    try {
      const { status, body } = await senderOf(context).send({
        url: textOf(row, "url"),
        sealedSecret: optionalText(row, "secret") ?? null,
        entity: tested.entity.toLowerCase(),
        action: tested.action.toLowerCase(),
        data: exampleOf(tested),
      });
      return { result: { success: status < 400, response_status: status, response_body: body } };
    } catch (error) {
      return { result: { success: false, error_message: `Failed to test webhook: ${reasonOf(error)}` } };
    }
  },
};

async function one(
  { store }: TrackingContext,
  id: string,
): Promise<Awaited<ReturnType<typeof stored.webhookAnswers>>[number] | undefined> {
  const [answer] = await stored.webhookAnswers(store.database, [await stored.webhookRow(store.database, id)]);
  return answer;
}

function senderOf({ webhooks }: TrackingContext): WebhookSender {
  if (webhooks === null) throw new WireError("FEATURE_DISABLED", "Webhooks are not delivered here.");
  return webhooks;
}

/** Undefined: none was given. */
function sealed(sender: WebhookSender, secret: string | undefined): string | undefined {
  if (secret === undefined || secret === "") return undefined;
  assertLength(secret, { path: "secret", max: 500 });
  return sender.seal(secret);
}

/** The code of a network's error says enough, and nothing of what it found. */
function reasonOf(error: unknown): string {
  if (error instanceof WireError) return error.message;
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return error instanceof Error ? error.name : "unknown";
}

function assertName(name: string): void {
  if (/^[a-zA-Z0-9](?:[a-zA-Z0-9._-]{0,61}[a-zA-Z0-9])?$/.test(name)) return;
  throw invalidParameter(
    `Webhook name '${name.slice(0, 100)}' is invalid. It must start and end with a letter or digit, be less than 63 characters long, and contain only letters, digits, dots (.), underscores (_), and hyphens (-).`,
  );
}

function assertDescription(description: string | undefined): void {
  if (description !== undefined) assertLength(description, { path: "description", max: 1000 });
}

function assertEvents(events: readonly stored.WebhookEvent[]): void {
  if (events.length === 0)
    throw invalidParameter("Webhook events must be a non-empty list of WebhookEvent objects: [].");
  for (const event of events) {
    if (isKnownEvent(event)) continue;
    const { entity, action } = event;
    throw invalidParameter(`Invalid action '${action.toLowerCase()}' for entity '${entity.toLowerCase()}'.`);
  }
}
