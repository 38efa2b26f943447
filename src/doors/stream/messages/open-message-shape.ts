// What a user says of messages (the definition's `stream` section, with the flags over it) → the shape that the handler uses.
import { trimaranError } from "../../../base/errors.ts";
import type { StreamSection } from "../../../deployment/sections.ts";
import type { PredictionService } from "../../../serving/prediction-service.ts";
import type { StreamRecord } from "../port.ts";
import { cloudEventDecoder, cloudEventEncoder } from "./cloud-events.ts";
import { jsonDecoder, jsonEncoder } from "./json-shape.ts";
import { type Layout, resolveLayout } from "./layout.ts";
import { defaultLimits, type MessageLimits } from "./read-message-json.ts";
import { avroDecoder } from "./registry/avro-decoder.ts";
import { jsonSchemaDecoder } from "./registry/json-schema-decoder.ts";
import type { OutputFields } from "./registry/output-schema.ts";
import {
  avroEncoder,
  avroKeptCheck,
  jsonSchemaEncoder,
  type KeptCheck,
  type RegistryEncoderOptions,
} from "./registry/registry-encoder.ts";
import { resolveRegistryAddress } from "./registry/registry-options.ts";
import { SchemaRegistry } from "./registry/schema-registry.ts";
import type { MessageDecoder, MessageEncoder, MessageShape } from "./shape.ts";

/**
 * - `json`: plain JSON; - `cloudevents`: CloudEvents 1.0, structured or binary, each answered as it came
 * - `avro`, `json-schema`: in the frame of a schema registry
 */
export const messageFormats = ["json", "cloudevents", "avro", "json-schema"] as const;
export type MessageFormat = (typeof messageFormats)[number];

export interface MessageShapeOptions {
  /** The definition's section, with what flags say over it. @default the definition's */
  readonly section?: StreamSection;
  /** Where answers go, for the name of their schema (`<topic>-value`). @default the deployment's name with `-predictions` */
  readonly outputTopic?: string;
  /** For the secrets of the schema registry. @default {} */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly limits?: Partial<MessageLimits>;
}

type Served = Pick<PredictionService, "name" | "deployment" | "methods">;

/** @throws STREAM_SHAPE_INVALID, STREAM_FORMAT, SCHEMA_REGISTRY_MISSING, SCHEMA_REGISTRY_ADDRESS, SCHEMA_REGISTRY_SECRET */
export function openMessageShape(service: Served, options: MessageShapeOptions = {}): MessageShape {
  const { deployment } = service;
  const section = options.section ?? deployment?.stream ?? {};
  const outputs: OutputFields =
    deployment === null
      ? Object.fromEntries(service.methods.slice(0, 1).map((method) => [method, null]))
      : Object.fromEntries(Object.entries(deployment.output).map(([name, { spec }]) => [name, spec]));
  const layout = resolveLayout(section, Object.keys(outputs));
  const format = formatOf(section.format ?? "json");
  const answers = formatOf(section.outputFormat ?? format);
  const usesRegistry = [format, answers].find((each) => each === "avro" || each === "json-schema");
  const registry = usesRegistry === undefined ? null : openRegistry(usesRegistry, section, options.env ?? {});
  const parts: Parts = { service, section, layout, outputs, registry, options };
  const encoder = encoderOf(answers, parts);
  const decoder = decoderOf(format, parts);
  const isChecked = answers === "avro" && layout.keptNames.length > 0;
  return {
    ...(isChecked ? checked(decoder, avroKeptCheck(layout)) : decoder),
    ...(answers === format ? encoder : inAnotherFormat(encoder)),
  };
}

function checked(decoder: MessageDecoder, check: KeptCheck): MessageDecoder {
  return {
    ...decoder,
    decode(record) {
      const decoded = decoder.decode(record);
      return decoded.kind === "row" ? (check(decoded.carried) ?? decoded) : decoded;
    },
  };
}

/** What a message's headers say of how it is written is not so of its answer. */
function inAnotherFormat(encoder: MessageEncoder): MessageEncoder {
  const isOurs = ([name]: StreamRecord["headers"][number]): boolean => name.toLowerCase() === "content-type";
  return {
    ...encoder,
    encode(output, carried, modelVersion) {
      const { headers } = carried;
      const kept = headers.some(isOurs) ? headers.filter((header) => !isOurs(header)) : headers;
      return encoder.encode(output, { ...carried, headers: kept }, modelVersion);
    },
  };
}

interface Parts {
  readonly service: Served;
  readonly section: StreamSection;
  readonly layout: Layout;
  readonly outputs: OutputFields;
  /** There where a format needs it. */
  readonly registry: SchemaRegistry | null;
  readonly options: MessageShapeOptions;
}

function formatOf(name: string): MessageFormat {
  const found = messageFormats.find((format) => format === name);
  if (found === undefined) throw trimaranError("STREAM_FORMAT", { name, known: messageFormats.join(", ") });
  return found;
}

function openRegistry(
  format: string,
  section: StreamSection,
  env: NonNullable<MessageShapeOptions["env"]>,
): SchemaRegistry {
  if (section.schemaRegistry === undefined) throw trimaranError("SCHEMA_REGISTRY_MISSING", { format });
  return new SchemaRegistry({ address: resolveRegistryAddress(section.schemaRegistry, env) });
}

function decoderOf(format: MessageFormat, { service, layout, registry, options }: Parts): MessageDecoder {
  const limits = { ...defaultLimits, ...options.limits };
  const face = { layout, limits, bare: service.deployment === null };
  switch (format) {
    case "json":
      return jsonDecoder(face);
    case "cloudevents":
      return cloudEventDecoder(face);
    case "json-schema":
      return jsonSchemaDecoder(face);
    case "avro":
      return avroDecoder({ ...face, registry: registry!, input: service.deployment?.input ?? null });
  }
}

function encoderOf(
  format: MessageFormat,
  { service, section, layout, outputs, registry, options }: Parts,
): MessageEncoder {
  const { name } = service;
  const framed = (): RegistryEncoderOptions => ({
    layout,
    outputs,
    name,
    registry: registry!,
    subject: section.subject ?? `${options.outputTopic ?? `${name}-predictions`}-value`,
    register: section.registerSchemas ?? true,
  });
  switch (format) {
    case "json":
      return jsonEncoder(layout);
    case "cloudevents": {
      const { eventType: type = "trimaran.prediction", eventSource: source = `/trimaran/${name}` } = section;
      return cloudEventEncoder({ layout, type, source });
    }
    case "json-schema":
      return jsonSchemaEncoder(framed());
    case "avro":
      return avroEncoder(framed());
  }
}
