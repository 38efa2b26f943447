// Webhooks: where they go and what they hear of. Deleted ones stay in the table with their time.
import { randomUUID } from "node:crypto";
import type { SqlRow, Statements } from "../../io/sql/database.ts";
import type { EnumOf, MessageInput } from "../../mlflow/wire/field-type.ts";
import { WireError } from "../../mlflow/wire/wire-error.ts";
import { grouped, numberOf, optionalText, queryIn, textOf } from "./rows.ts";

export interface WebhookEvent {
  readonly entity: EnumOf<"WebhookEntity">;
  readonly action: EnumOf<"WebhookAction">;
}

export interface NewWebhook {
  readonly name: string;
  readonly description: string | null;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly sealedSecret: string | null;
  readonly status: string;
}

/** Gives its identifier. */
export async function insertWebhook(statements: Statements, webhook: NewWebhook, time: number): Promise<string> {
  const id = randomUUID();
  const { name, description, url, status, sealedSecret } = webhook;
  await statements.run(
    "INSERT INTO webhooks (webhook_id, name, description, url, status, secret, creation_timestamp, last_updated_timestamp) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [id, name, description, url, status, sealedSecret, time, time],
  );
  await putEvents(statements, id, webhook.events);
  return id;
}

async function putEvents(statements: Statements, id: string, events: readonly WebhookEvent[]): Promise<void> {
  await statements.insertMany(
    "INSERT INTO webhook_events (webhook_id, entity, action) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    events.map(({ entity, action }) => [id, entity.toLowerCase(), action.toLowerCase()]),
  );
}

export type WebhookChange = { readonly [Key in keyof NewWebhook]?: NewWebhook[Key] | undefined };

export async function changeWebhook(
  statements: Statements,
  id: string,
  { events, sealedSecret, time, ...change }: WebhookChange & { readonly time: number },
): Promise<void> {
  await webhookRow(statements, id);
  const sets = new Map<string, string | number | null>([["last_updated_timestamp", time]]);
  for (const [column, value] of Object.entries({ ...change, secret: sealedSecret })) {
    if (value !== undefined) sets.set(column, value);
  }
  const list = [...sets.keys()].map((column) => `${column} = ?`).join(", ");
  await statements.run(`UPDATE webhooks SET ${list} WHERE webhook_id = ?`, [...sets.values(), id]);
  if (events === undefined) return;
  await statements.run("DELETE FROM webhook_events WHERE webhook_id = ?", [id]);
  await putEvents(statements, id, events);
}

export async function dropWebhook(statements: Statements, id: string, time: number): Promise<void> {
  await webhookRow(statements, id);
  await statements.run("UPDATE webhooks SET deleted_timestamp = ? WHERE webhook_id = ?", [time, id]);
}

/** @throws WireError */
export async function webhookRow(statements: Statements, id: string): Promise<SqlRow> {
  const sql = `SELECT * FROM webhooks WHERE webhook_id = ? AND deleted_timestamp IS NULL${statements.lock}`;
  const rows = await statements.query(sql, [id]);
  if (rows[0] === undefined) {
    throw new WireError("RESOURCE_DOES_NOT_EXIST", `Webhook with ID ${id.slice(0, 100)} not found.`);
  }
  return rows[0];
}

/** The oldest last. */
export function webhookPage(
  statements: Statements,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<readonly SqlRow[]> {
  return statements.query(
    "SELECT * FROM webhooks WHERE deleted_timestamp IS NULL ORDER BY creation_timestamp DESC, webhook_id LIMIT ? OFFSET ?",
    [limit, offset],
  );
}

/** Those that are to hear of it. */
export function listeners(statements: Statements, { entity, action }: WebhookEvent): Promise<readonly SqlRow[]> {
  return statements.query(
    "SELECT w.url, w.secret FROM webhooks w JOIN webhook_events e ON e.webhook_id = w.webhook_id WHERE e.entity = ? AND e.action = ? AND w.status = 'ACTIVE' AND w.deleted_timestamp IS NULL",
    [entity.toLowerCase(), action.toLowerCase()],
  );
}

/** Without their secrets. */
export async function webhookAnswers(
  statements: Statements,
  rows: readonly SqlRow[],
): Promise<readonly MessageInput<"Webhook">[]> {
  const ids = rows.map((row) => textOf(row, "webhook_id"));
  const sql = "SELECT webhook_id, entity, action FROM webhook_events WHERE webhook_id IN (#) ORDER BY entity, action";
  const events = grouped(await queryIn(statements, sql, { ids }), "webhook_id");
  return rows.map((row) => ({
    webhook_id: textOf(row, "webhook_id"),
    name: textOf(row, "name"),
    description: optionalText(row, "description"),
    url: textOf(row, "url"),
    events: (events.get(textOf(row, "webhook_id")) ?? []).map(eventOf),
    status: textOf(row, "status") === "ACTIVE" ? ("ACTIVE" as const) : ("DISABLED" as const),
    creation_timestamp: numberOf(row, "creation_timestamp"),
    last_updated_timestamp: numberOf(row, "last_updated_timestamp"),
  }));
}

/** Only what we wrote, or MLflow did, stands there, in small letters. */
function eventOf(row: SqlRow): WebhookEvent {
  return {
    entity: textOf(row, "entity").toUpperCase(),
    action: textOf(row, "action").toUpperCase(),
  } as WebhookEvent;
}
