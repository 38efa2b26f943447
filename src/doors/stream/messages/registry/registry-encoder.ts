// Answers in a registry's frame: their schema is registered or looked up once, before the first of them is written.

import { trimaranError } from "../../../../base/errors.ts";
import { AvroFault, type AvroType, readAvroType } from "../avro/avro-type.ts";
import { writeAvro } from "../avro/write-avro.ts";
import type { Layout } from "../layout.ts";
import { refused } from "../read-message-json.ts";
import { type Carried, type MessageEncoder, type RefusedMessage, timestampOf } from "../shape.ts";
import { type AvroOutput, anyScalar, avroOutput, jsonOutput, type OutputSchemaOptions } from "./output-schema.ts";
import type { SchemaRegistry } from "./schema-registry.ts";
import { frame } from "./wire-format.ts";

/**
 * Why what is kept of a message cannot stand in an Avro answer, such as an object of JSON; undefined when it can. Asked for each message
 * as it is read: an answer that cannot be written would end the stream.
 */
export type KeptCheck = (carried: Carried) => RefusedMessage | undefined;

export function avroKeptCheck({ keptPaths }: Layout): KeptCheck {
  const plain = readAvroType([...anyScalar]);
  const known = new Map<string, readonly AvroType[]>();
  const typesOf = ({ schema }: Carried): readonly AvroType[] => {
    if (schema === undefined) return keptPaths.map(() => plain);
    const found = known.get(schema.id) ?? readTypes(schema.kept);
    known.set(schema.id, found);
    return found;
  };
  return (carried) => {
    const types = typesOf(carried);
    for (const [index, value] of carried.kept.entries()) {
      try {
        writeAvro(types[index]!, value);
      } catch (error) {
        if (!(error instanceof AvroFault)) throw error;
        return refused("wrong_type", `It cannot be copied into an answer in Avro: ${error.message}.`, keptPaths[index]);
      }
    }
    return undefined;
  };
}

/** One may name a type that another before it defines. */
function readTypes(kept: readonly unknown[]): readonly AvroType[] {
  const fields = kept.map((type, index) => ({ name: `f${index}`, type }));
  const record = readAvroType({ type: "record", name: "KeptFields", namespace: "trimaran.kept", fields });
  return record.kind === "record" ? record.fields.map(({ type }) => type) : [];
}

export interface RegistryEncoderOptions extends OutputSchemaOptions {
  readonly registry: SchemaRegistry;
  readonly subject: string;
  /** False: the schema must be there already. */
  readonly register: boolean;
}

export function jsonSchemaEncoder(options: RegistryEncoderOptions): MessageEncoder {
  const { registry, subject, register, layout } = options;
  const schema = jsonOutput(options);
  let id: number | undefined;
  return {
    prepareAnswers(_, signal) {
      if (id !== undefined) return undefined;
      return registry.idOf({ subject, kind: "JSON", schema, register }, signal).then((found) => {
        id = found;
      });
    },
    encode(output, { record, kept, headers }, modelVersion) {
      const body = Buffer.from(layout.text(output, kept, modelVersion));
      return { key: record.key, value: frame(assertPrepared(id), body), headers, timestamp: timestampOf(record) };
    },
  };
}

/** The types of what is kept come from the message's own schema, so that there may be a schema of answers for each of those. */
export function avroEncoder(options: RegistryEncoderOptions): MessageEncoder {
  const { registry, subject, register, layout } = options;
  const known = new Map<string, AvroOutput & { readonly id: number }>();
  // Names that Avro does not take are found before the first message comes.
  avroOutput(options, null);
  const keyOf = ({ schema }: Carried): string => schema?.id ?? "";
  return {
    prepareAnswers(carried, signal) {
      const wanted = new Map<string, Carried>();
      for (const each of carried) {
        const key = keyOf(each);
        if (!known.has(key)) wanted.set(key, each);
      }
      if (wanted.size === 0) return undefined;
      const prepareOne = async ([key, { schema }]: [string, Carried]): Promise<void> => {
        const output = avroOutput(options, schema?.kept ?? null);
        const id = await registry.idOf({ subject, kind: "AVRO", schema: output.text, register }, signal);
        known.set(key, { ...output, id });
      };
      return Promise.all([...wanted].map(prepareOne)).then(() => undefined);
    },
    encode(output, carried, modelVersion) {
      const { record, kept, headers } = carried;
      const found = known.get(keyOf(carried));
      const id = assertPrepared(found?.id);
      const body = written(found!.type, layout.value(output, kept, modelVersion));
      return { key: record.key, value: frame(id, body), headers, timestamp: timestampOf(record) };
    },
  };
}

/** @throws STREAM_ANSWER_FORMAT: a model's answers, not a message, are what Avro cannot say */
function written(type: AvroType, value: unknown): Buffer {
  try {
    return writeAvro(type, value);
  } catch (cause) {
    if (!(cause instanceof AvroFault)) throw cause;
    throw trimaranError("STREAM_ANSWER_FORMAT", { problem: cause.message }, { cause });
  }
}

function assertPrepared(id: number | undefined): number {
  if (id === undefined) throw new TypeError("prepareAnswers was not awaited");
  return id;
}
