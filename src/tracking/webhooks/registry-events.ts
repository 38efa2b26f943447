// What webhooks hear of the registry: which requests are events, and what is told of each. A registered model that is a prompt
// makes events of prompts.

import { isTrimaranError } from "../../base/errors.ts";
import type { JsonValue } from "../../mlflow/wire/field-type.ts";
import type { ServerContext } from "../handlers/handler.ts";
import { optionalText, textOf } from "../store/rows.ts";
import { listeners, type WebhookEvent } from "../store/webhooks.ts";

export interface RegistryEvent {
  /** Of a model; and of a prompt, if there is one. */
  readonly model: WebhookEvent | null;
  readonly prompt: WebhookEvent;
  readonly name: string;
  readonly data: { readonly [key: string]: JsonValue };
  /** Told of prompts in place of `data`. */
  readonly promptData?: { readonly [key: string]: JsonValue };
}

interface Asked {
  readonly name: string;
  readonly version?: string;
  readonly key?: string;
  readonly value?: string;
  readonly alias?: string;
  readonly description?: string;
  readonly source?: string;
  readonly run_id?: string;
  readonly tags?: readonly { readonly key?: string; readonly value?: string }[];
}

type Tell = (request: Asked, answer: unknown) => RegistryEvent;

const promptTag = "mlflow.prompt.is_prompt";
const promptTextTag = "mlflow.prompt.text";
const hiddenTags: ReadonlySet<string> = new Set([promptTag, promptTextTag, "_mlflow_prompt_type"]);

const told: Readonly<Record<string, Tell>> = {
  createRegisteredModel: ({ name, tags = [], description = "" }) => ({
    model: { entity: "REGISTERED_MODEL", action: "CREATED" },
    prompt: { entity: "PROMPT", action: "CREATED" },
    name,
    data: { name, tags: record(tags), description },
    promptData: { name, tags: record(tags, hiddenTags), description },
  }),
  createModelVersion: ({ name, source = "", run_id, tags = [], description }, answer) => {
    const { model_version: made } = answer as { readonly model_version?: { readonly version?: string } };
    const version = made?.version ?? "";
    const text = description || null;
    const template = tags.find(({ key }) => key === promptTextTag)?.value ?? null;
    return {
      model: { entity: "MODEL_VERSION", action: "CREATED" },
      prompt: { entity: "PROMPT_VERSION", action: "CREATED" },
      name,
      data: { name, version, source, run_id: run_id || null, tags: record(tags), description: text },
      promptData: { name, version, template, tags: record(tags, hiddenTags), description: text },
    };
  },
  setRegisteredModelTag: ({ name, key = "", value = "" }) => ({
    model: null,
    prompt: { entity: "PROMPT_TAG", action: "SET" },
    name,
    data: { name, key, value },
  }),
  deleteRegisteredModelTag: ({ name, key = "" }) => ({
    model: null,
    prompt: { entity: "PROMPT_TAG", action: "DELETED" },
    name,
    data: { name, key },
  }),
  setModelVersionTag: ({ name, version = "", key = "", value = "" }) => ({
    model: { entity: "MODEL_VERSION_TAG", action: "SET" },
    prompt: { entity: "PROMPT_VERSION_TAG", action: "SET" },
    name,
    data: { name, version, key, value },
  }),
  deleteModelVersionTag: ({ name, version = "", key = "" }) => ({
    model: { entity: "MODEL_VERSION_TAG", action: "DELETED" },
    prompt: { entity: "PROMPT_VERSION_TAG", action: "DELETED" },
    name,
    data: { name, version, key },
  }),
  setRegisteredModelAlias: ({ name, alias = "", version = "" }) => ({
    model: { entity: "MODEL_VERSION_ALIAS", action: "CREATED" },
    prompt: { entity: "PROMPT_ALIAS", action: "CREATED" },
    name,
    data: { name, alias, version },
  }),
  deleteRegisteredModelAlias: ({ name, alias = "" }) => ({
    model: { entity: "MODEL_VERSION_ALIAS", action: "DELETED" },
    prompt: { entity: "PROMPT_ALIAS", action: "DELETED" },
    name,
    data: { name, alias },
  }),
};

/** By the name of the endpoint. */
export const registryEvents: ReadonlyMap<string, (request: unknown, answer: unknown) => RegistryEvent> = new Map(
  Object.entries(told).map(([name, tell]) => [name, (request, answer) => tell(request as Asked, answer)]),
);

/** An event to test a webhook with. */
export function exampleOf({ entity, action }: WebhookEvent): JsonValue {
  const asked: Asked = {
    name: entity.startsWith("PROMPT") ? "example_prompt" : "example_model",
    version: "1",
    key: "example_key",
    value: "example_value",
    alias: "example_alias",
    source: "models:/123",
    run_id: "abcd1234abcd5678",
    tags: [{ key: "example_key", value: "example_value" }],
    description: `An example ${entity.toLowerCase().replaceAll("_", " ")}`,
  };
  for (const tell of Object.values(told)) {
    const event = tell(asked, { model_version: { version: "1" } });
    if (isSame(event.model, { entity, action })) return event.data;
    if (isSame(event.prompt, { entity, action })) return event.promptData ?? event.data;
  }
  return {};
}

/** What may be heard of. */
export function isKnownEvent(wanted: WebhookEvent): boolean {
  return Object.values(told).some((tell) => {
    const { model, prompt } = tell({ name: "" }, {});
    return isSame(model, wanted) || isSame(prompt, wanted);
  });
}

function isSame(one: WebhookEvent | null, other: WebhookEvent): boolean {
  return one !== null && one.entity === other.entity && one.action === other.action;
}

/** What was done stays done, also when nobody can be told. */
export async function tellWebhooks({ store, webhooks }: ServerContext, tell: () => RegistryEvent): Promise<void> {
  if (webhooks === null) return;
  const { model, prompt, name, data, promptData = data } = tell();
  try {
    const { database } = store;
    const anybody = await database.query("SELECT webhook_id FROM webhooks WHERE deleted_timestamp IS NULL LIMIT 1");
    if (anybody.length === 0) return;
    const marks = await database.query("SELECT value FROM registered_model_tags WHERE name = ? AND key = ?", [
      name,
      promptTag,
    ]);
    const isPrompt = textOf(marks[0] ?? {}, "value").toLowerCase() === "true";
    const event = isPrompt ? prompt : model;
    if (event === null) return;
    for (const row of await listeners(database, event)) {
      webhooks.enqueue({
        url: textOf(row, "url"),
        sealedSecret: optionalText(row, "secret") ?? null,
        entity: event.entity.toLowerCase(),
        action: event.action.toLowerCase(),
        data: isPrompt ? promptData : data,
      });
    }
  } catch (error) {
    if (!isTrimaranError(error)) throw error;
    webhooks.fail(error);
  }
}

function record(
  tags: readonly { readonly key?: string; readonly value?: string }[],
  without: ReadonlySet<string> = new Set(),
): { readonly [key: string]: JsonValue } {
  const kept = tags.filter(({ key = "" }) => !without.has(key));
  return Object.fromEntries(kept.map(({ key = "", value = "" }) => [key, value]));
}
