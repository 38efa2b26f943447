// Answers in a registry's frame: their schema is registered or looked up once, before the first of them is written.

import { writeAvro } from "../avro/write-avro.ts";
import { type Carried, type MessageEncoder, timestampOf } from "../shape.ts";
import { type AvroOutput, avroOutput, jsonOutput, type OutputSchemaOptions } from "./output-schema.ts";
import type { SchemaRegistry } from "./schema-registry.ts";
import { frame } from "./wire-format.ts";

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
      const body = writeAvro(found!.type, layout.value(output, kept, modelVersion));
      return { key: record.key, value: frame(id, body), headers, timestamp: timestampOf(record) };
    },
  };
}

function assertPrepared(id: number | undefined): number {
  if (id === undefined) throw new TypeError("prepareAnswers was not awaited");
  return id;
}
