// What one deployment takes and answers, as JSON Schema with its examples.
import type { Schema } from "../../../data/field.ts";
import { sampleRow } from "../../../data/schema-sample.ts";
import type { PredictionService } from "../../../serving/prediction-service.ts";
import { fieldSchema } from "./field-schema.ts";
import { type JsonObject, present, toJsonValue } from "./json-value.ts";
import { modelRowSchema } from "./model-row-schema.ts";

export interface ServiceSchemas {
  readonly row: JsonObject;
  /** The output alone, as `?meta=true` shows it. */
  readonly output: JsonObject;
  /** The output with `model_version`. */
  readonly answer: JsonObject;
  /** A row that is no object can only come inside of an array. */
  readonly rowIsObject: boolean;
  readonly examples: readonly Example[];
}

export interface Example {
  readonly input: unknown;
  /** Known where the definition recorded it. */
  readonly output?: unknown;
}

export function serviceSchemas(service: PredictionService): ServiceSchemas {
  const { deployment, input } = service;
  const row = deployment === null ? modelRowSchema(input) : definitionRowSchema(service);
  const output = deployment === null ? modelOutputSchema(service) : schemaOf(deployment.output, "output");
  const answer = withVersion(output, service.model.version !== null);
  const examples = examplesOf(service);
  const rowIsObject = deployment !== null || row["type"] === "object" || row["anyOf"] !== undefined;
  return { row: present({ ...row, examples: examplesMember(examples) }), output, answer, rowIsObject, examples };
}

function examplesMember(examples: readonly Example[]): readonly unknown[] | undefined {
  return examples.length === 0 ? undefined : examples.slice(0, maxExamples).map(({ input }) => input);
}

const maxExamples = 20;

function definitionRowSchema({ deployment }: PredictionService): JsonObject {
  const mode = deployment!.unknownFields;
  const schema = schemaOf(deployment!.input, "input", mode === "reject");
  if (mode !== null) return schema;
  const description =
    "Other names are ignored with a warning; one that is close to a declared name is refused as a misspelling.";
  return { ...schema, description };
}

function schemaOf(fields: Schema, side: "input" | "output", strict = false): JsonObject {
  const specs = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.spec]));
  return fieldSchema({ kind: "object", fields: specs, presence: "required", nullable: false }, { side, strict });
}

/** NaN is null, infinities are texts, several outputs of a row an array. */
function modelOutputSchema({ methods }: PredictionService): JsonObject {
  const [method = "predict"] = methods;
  const value = {
    type: ["number", "string", "boolean", "array", "null"],
    description: 'NaN is null; infinities are "Infinity" and "-Infinity"; several values of a row are an array.',
  };
  return { type: "object", properties: { [method]: value } };
}

function withVersion(output: JsonObject, versioned: boolean): JsonObject {
  const properties = output["properties"] as JsonObject;
  const required = (output["required"] ?? []) as readonly string[];
  const needed = versioned ? [...required, "model_version"] : required;
  return present({
    ...output,
    properties: Object.fromEntries([...Object.entries(properties), ["model_version", versionSchema]]),
    required: needed.length === 0 ? undefined : needed,
  });
}

const versionSchema = {
  type: "string",
  description: "The version of the model that answered; absent where it names none.",
};

/** The definition's own, the rows that were logged with the model, or a made-up row. */
export function examplesOf({ deployment, input, inputExample }: PredictionService): readonly Example[] {
  if (deployment !== null) {
    if (deployment.examples.length === 0) return [{ input: toJsonValue(sampleRow(deployment.input)) }];
    return deployment.examples.map(({ input: row, output }) =>
      output === null ? { input: toJsonValue(row) } : { input: toJsonValue(row), output: toJsonValue(output) },
    );
  }
  if (inputExample !== undefined && inputExample.length > 0) {
    return inputExample.slice(0, 3).map((row) => ({ input: toJsonValue(row) }));
  }
  if (input.kind !== "records") {
    if (input.columns.length === 0 || input.columns.length > 500) return [];
    const values = input.columns.map(({ name, type }) => [name, sampleOf[type]] as const);
    return [{ input: input.named ? Object.fromEntries(values) : values.map(([, value]) => value) }];
  }
  if (input.items !== undefined || input.features.length === 0) return [];
  const values = input.features.slice(0, 50).map(({ name, categories }) => [name, categories[0] ?? 1] as const);
  return [{ input: Object.fromEntries(values) }];
}

const sampleOf = { number: 1, integer: 1, string: "a", boolean: true, any: 1 } as const;
