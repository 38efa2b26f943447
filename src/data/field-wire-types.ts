// What a field is called elsewhere: as JSON Schema (2020-12), MLflow column type, Open Inference Protocol datatype, Arrow type.
import type { Schema } from "./field.ts";
import type { CategorySpec, FieldSpec } from "./field-spec.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** A row that is sent may leave out what has a default; a row that was read never does. */
export type SchemaSide = "input" | "output";

export function fieldJsonSchema(spec: FieldSpec, side: SchemaSide): JsonSchema {
  const schema: Record<string, unknown> = { ...kindJsonSchema(spec, side) };
  if (spec.nullable) {
    if (Array.isArray(schema["enum"])) schema["enum"] = [...schema["enum"], null];
    schema["type"] = [schema["type"], "null"];
  }
  if (spec.description !== undefined) schema["description"] = spec.description;
  if (spec.presence === "default") schema["default"] = spec.default;
  return schema;
}

/** `strict`: names that are not declared are refused. */
export function schemaJsonSchema(schema: Schema, options: { side: SchemaSide; strict?: boolean }): JsonSchema {
  const specs = Object.fromEntries(Object.entries(schema).map(([name, field]) => [name, field.spec]));
  const closed = options.strict === true ? { additionalProperties: false } : {};
  return { ...objectJsonSchema(specs, options.side), ...closed };
}

function kindJsonSchema(spec: FieldSpec, side: SchemaSide): JsonSchema {
  switch (spec.kind) {
    case "number":
    case "integer":
      return defined({ type: spec.kind, minimum: spec.min, maximum: spec.max, "x-unit": spec.unit });
    case "string":
      return defined({ type: "string", minLength: spec.minLength, maxLength: spec.maxLength, pattern: spec.pattern });
    case "boolean":
      return { type: "boolean" };
    case "category":
      return { type: categoryType(spec), enum: spec.values };
    case "timestamp":
      return { type: "string", format: "date-time" };
    case "date":
      return { type: "string", format: "date" };
    case "list":
      return defined({
        type: "array",
        items: fieldJsonSchema(spec.of, side),
        minItems: spec.minItems,
        maxItems: spec.maxItems,
      });
    case "object":
      return objectJsonSchema(spec.fields, side);
  }
}

function objectJsonSchema(fields: Readonly<Record<string, FieldSpec>>, side: SchemaSide): JsonSchema {
  const entries = Object.entries(fields);
  const needed = entries.filter(
    ([, { presence }]) => presence === "required" || (presence === "default" && side === "output"),
  );
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([name, spec]) => [name, fieldJsonSchema(spec, side)])),
    ...(needed.length > 0 ? { required: needed.map(([name]) => name) } : {}),
  };
}

/** As in the `signature` of an MLmodel: a name, or the structure of arrays and objects. */
export type MlflowType =
  | "double"
  | "long"
  | "string"
  | "boolean"
  | "datetime"
  | { readonly type: "array"; readonly items: MlflowItem }
  | { readonly type: "object"; readonly properties: Readonly<Record<string, MlflowItem & { required: boolean }>> };

export type MlflowItem = { readonly type: string } & Readonly<Record<string, unknown>>;

/** A `date` is a `string` there: MLflow's `datetime` has a time of day. */
export function mlflowType(spec: FieldSpec): MlflowType {
  switch (spec.kind) {
    case "number":
      return "double";
    case "integer":
      return "long";
    case "string":
    case "date":
      return "string";
    case "boolean":
      return "boolean";
    case "timestamp":
      return "datetime";
    case "category":
      return { string: "string", integer: "long", number: "double", boolean: "boolean" }[
        categoryType(spec)
      ] as MlflowType;
    case "list":
      return { type: "array", items: mlflowItem(spec.of) };
    case "object": {
      const entries = Object.entries(spec.fields).map(([name, inner]) => [
        name,
        { ...mlflowItem(inner), required: inner.presence === "required" },
      ]);
      return { type: "object", properties: Object.fromEntries(entries) };
    }
  }
}

function mlflowItem(spec: FieldSpec): MlflowItem {
  const type = mlflowType(spec);
  return typeof type === "string" ? { type } : type;
}

export type OipDatatype = "FP64" | "INT64" | "BOOL" | "BYTES";

/** Lists and objects travel as JSON text in a BYTES element, as strings, dates and timestamps do. */
export function oipDatatype(spec: FieldSpec): OipDatatype {
  switch (spec.kind) {
    case "number":
      return "FP64";
    case "integer":
      return "INT64";
    case "boolean":
      return "BOOL";
    case "category":
      return ({ string: "BYTES", integer: "INT64", number: "FP64", boolean: "BOOL" } as const)[categoryType(spec)];
    case "string":
    case "timestamp":
    case "date":
    case "list":
    case "object":
      return "BYTES";
  }
}

/** The name that Arrow's own schema text uses (`double`, `list<int64>`). */
export function arrowType(spec: FieldSpec): string {
  switch (spec.kind) {
    case "number":
      return "double";
    case "integer":
      return "int64";
    case "string":
      return "utf8";
    case "boolean":
      return "bool";
    case "category":
      return { string: "utf8", integer: "int64", number: "double", boolean: "bool" }[categoryType(spec)];
    case "timestamp":
      return "timestamp[ms, tz=UTC]";
    case "date":
      return "date32";
    case "list":
      return `list<${arrowType(spec.of)}>`;
    case "object":
      return `struct<${Object.entries(spec.fields)
        .map(([name, inner]) => `${name}: ${arrowType(inner)}`)
        .join(", ")}>`;
  }
}

function categoryType(spec: CategorySpec): "string" | "integer" | "number" | "boolean" {
  const first = spec.values[0];
  if (typeof first === "string") return "string";
  if (typeof first === "boolean") return "boolean";
  return spec.values.every((value) => Number.isSafeInteger(value)) ? "integer" : "number";
}

function defined(entries: Readonly<Record<string, unknown>>): JsonSchema {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}
