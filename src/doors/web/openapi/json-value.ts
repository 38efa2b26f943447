// Values as they stand in JSON: what an example, a default or a schema becomes before it is shown.
import { jsonValueText } from "../../../data/json-value-text.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** Dates become texts, numbers stay numbers; a living thing of the definition cannot reach the document. */
export function toJsonValue(value: unknown): unknown {
  return JSON.parse(jsonValueText(value)) as unknown;
}

/** Members whose value is undefined are left out. */
export function present(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
