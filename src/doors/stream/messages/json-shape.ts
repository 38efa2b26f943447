// Messages that are JSON with nothing around it: plain rows, the course's envelope, or any other that a layout describes.
import type { Layout } from "./layout.ts";
import { type MessageLimits, readMessageJson, refused } from "./read-message-json.ts";
import { type MessageDecoder, type MessageEncoder, timestampOf } from "./shape.ts";
import { type TakeOptions, takeRow } from "./take-row.ts";

export interface JsonDecoderOptions extends TakeOptions {
  readonly limits: MessageLimits;
}

export function jsonDecoder(options: JsonDecoderOptions): MessageDecoder {
  const { layout, limits } = options;
  return {
    rowPath: layout.rowPath,
    decode(record) {
      if (record.value === null) return refused("empty", "The message has no value.");
      const read = readMessageJson(record.value, limits);
      if (read.kind === "refused") return read;
      return takeRow(read, options, { record, headers: record.headers, time: record.timestamp });
    },
  };
}

export function jsonEncoder(layout: Layout): MessageEncoder {
  return {
    encode(output, { record, kept, headers }, modelVersion) {
      const value = Buffer.from(layout.text(output, kept, modelVersion));
      return { key: record.key, value, headers, timestamp: timestampOf(record) };
    },
  };
}
