// The schema of answers, made from what a definition says of its outputs: for Avro a record, for JSON a JSON Schema. Equal
// definitions give equal texts, so that a registry gives them one id.
import { trimaranError } from "../../../../base/errors.ts";
import type { FieldSpec } from "../../../../data/field-spec.ts";
import { fieldJsonSchema } from "../../../../data/field-wire-types.ts";
import { AvroFault, type AvroType, isAvroName, readAvroType } from "../avro/avro-type.ts";
import type { Layout } from "../layout.ts";

/** What an output is: a field of a definition, or of a model served alone the type that it answers. */
export type OutputFields = Readonly<Record<string, FieldSpec | null>>;

export interface OutputSchemaOptions {
  readonly layout: Layout;
  readonly outputs: OutputFields;
  /** Of the deployment. */
  readonly name: string;
}

/** What may stand where nothing is known: as JSON has it. */
export const anyScalar: readonly string[] = ["null", "boolean", "long", "double", "string"];
const anyValue: unknown = [...anyScalar, { type: "array", items: [...anyScalar] }];

export interface AvroOutput {
  readonly type: AvroType;
  readonly text: string;
}

/** `kept`: the types of what is kept, one a name; null where they are not known. @throws STREAM_SHAPE_INVALID */
export function avroOutput(
  { layout, outputs, name }: OutputSchemaOptions,
  kept: readonly unknown[] | null,
): AvroOutput {
  const space = `trimaran.${name.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_")}`;
  const fields = [
    ...Object.entries(outputs).map(([output, spec]) => ({
      name: layout.nameOf(output),
      ...(spec === null ? { type: anyValue } : avroField(spec, `${space}.${layout.nameOf(output)}`)),
    })),
    ...layout.keptNames.map((keptName, index) => ({ name: keptName, type: kept?.[index] ?? [...anyScalar] })),
  ];
  for (const field of fields) assertAvroName(field.name);
  const version = { name: layout.model === null ? "model_version" : "version", type: "string" };
  const schema =
    layout.model === null
      ? { type: "record", name: "Prediction", namespace: space, fields: [...fields, version] }
      : {
          type: "record",
          name: "PredictionEvent",
          namespace: space,
          fields: [
            { name: "model", type: "string" },
            version,
            { name: "prediction", type: { type: "record", name: "Prediction", fields } },
          ],
        };
  try {
    return { type: readAvroType(schema), text: JSON.stringify(schema) };
  } catch (error) {
    if (error instanceof AvroFault)
      throw invalid(`The schema of the answers does not hold together: ${error.message}.`);
    throw error;
  }
}

function assertAvroName(name: string): void {
  if (isAvroName(name)) return;
  throw invalid(`${JSON.stringify(name)} is no name in Avro (letters, digits and _); \`rename\` can give another.`);
}

function invalid(message: string): Error {
  const issues = [{ path: "/stream", code: "invalid_option", message }];
  return trimaranError("STREAM_SHAPE_INVALID", { count: 1, first: message }, { issues });
}

function avroField(spec: FieldSpec, place: string): { readonly type: unknown; readonly default?: null } {
  const type = avroTypeOf(spec, place);
  const isOpen = spec.nullable || spec.presence === "optional";
  return isOpen ? { type: ["null", type], default: null } : { type };
}

function avroTypeOf(spec: FieldSpec, place: string): unknown {
  switch (spec.kind) {
    case "number":
      return "double";
    case "integer":
      return "long";
    case "string":
      return "string";
    case "boolean":
      return "boolean";
    case "timestamp":
      return { type: "long", logicalType: "timestamp-millis" };
    case "date":
      return { type: "int", logicalType: "date" };
    case "category": {
      const [first] = spec.values;
      if (typeof first === "string") return "string";
      if (typeof first === "boolean") return "boolean";
      return spec.values.every((value) => Number.isSafeInteger(value)) ? "long" : "double";
    }
    case "list":
      return { type: "array", items: avroField(spec.of, `${place}_item`).type };
    case "object": {
      const fields = Object.entries(spec.fields).map(([name, inner]) => {
        assertAvroName(name);
        return { name, ...avroField(inner, `${place}_${name}`) };
      });
      return { type: "record", name: place, fields };
    }
  }
}

/** As JSON Schema, draft 2020-12. */
export function jsonOutput({ layout, outputs, name }: OutputSchemaOptions): string {
  const entries = Object.entries(outputs);
  const properties: [string, unknown][] = [
    ...entries.map(([output, spec]): [string, unknown] => [
      layout.nameOf(output),
      spec === null ? {} : fieldJsonSchema(spec, "output"),
    ]),
    ...layout.keptNames.map((kept): [string, unknown] => [kept, {}]),
  ];
  const needed = [
    ...entries
      .filter(([, spec]) => spec === null || spec.presence !== "optional")
      .map(([output]) => layout.nameOf(output)),
    ...layout.keptNames,
  ];
  const version = { type: "string" };
  const inner = { type: "object", properties: Object.fromEntries(properties), required: needed };
  const face = { $schema: "https://json-schema.org/draft/2020-12/schema", title: `Prediction of ${name}` };
  if (layout.model === null) {
    const all = { ...inner.properties, model_version: version };
    return JSON.stringify({ ...face, ...inner, properties: all, required: [...needed, "model_version"] });
  }
  const envelope = { model: { type: "string", const: layout.model }, version, prediction: inner };
  return JSON.stringify({
    ...face,
    type: "object",
    properties: envelope,
    required: ["model", "version", "prediction"],
  });
}
