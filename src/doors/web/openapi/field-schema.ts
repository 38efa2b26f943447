// A field's JSON Schema as the document shows it: that of `fieldJsonSchema`, and what JSON Schema has no word for in sentences.
import { describeExpected } from "../../../data/field-reader.ts";
import type { FieldSpec } from "../../../data/field-spec.ts";
import { fieldJsonSchema, type SchemaSide } from "../../../data/field-wire-types.ts";
import { type JsonObject, toJsonValue } from "./json-value.ts";

export interface FieldSchemaOptions {
  readonly side: SchemaSide;
  /** Names that are not declared are refused, at every depth. */
  readonly strict: boolean;
}

/** With the limits that every reader holds: whole numbers are exact, moments have a zone. */
export function fieldSchema(spec: FieldSpec, options: FieldSchemaOptions): JsonObject {
  const schema: Record<string, unknown> = { ...fieldJsonSchema(spec, options.side) };
  switch (spec.kind) {
    case "integer":
      schema["minimum"] ??= Number.MIN_SAFE_INTEGER;
      schema["maximum"] ??= Number.MAX_SAFE_INTEGER;
      break;
    case "timestamp":
    case "date":
      if (spec.min !== undefined) schema["x-minimum"] = spec.min;
      if (spec.max !== undefined) schema["x-maximum"] = spec.max;
      if (options.side === "input") schema["description"] = sentences(spec.description, `${sentence(spec)}.`);
      break;
    case "number":
      if (spec.unit !== undefined) schema["description"] = sentences(spec.description, `In ${spec.unit}.`);
      break;
    case "list":
      schema["items"] = fieldSchema(spec.of, options);
      break;
    case "object": {
      const entries = Object.entries(spec.fields);
      schema["properties"] = Object.fromEntries(entries.map(([name, inner]) => [name, fieldSchema(inner, options)]));
      if (options.strict) schema["additionalProperties"] = false;
      break;
    }
    case "string":
    case "boolean":
    case "category":
      break;
    default:
      spec satisfies never;
  }
  if (spec.kind === "integer" && spec.unit !== undefined) {
    schema["description"] = sentences(spec.description, `In ${spec.unit}.`);
  }
  if (schema["default"] !== undefined) schema["default"] = toJsonValue(schema["default"]);
  return schema;
}

function sentence(spec: FieldSpec): string {
  const text = describeExpected(spec);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function sentences(description: string | undefined, added: string): string {
  if (description === undefined || description === "") return added;
  return `${description}${/[.!?]$/.test(description) ? "" : "."} ${added}`;
}
