// JSON messages in a registry's frame. What they must hold is the definition's to say: the frame is taken off, the schema that it
// names is not asked for.
import { type JsonDecoderOptions, jsonDecoder } from "../json-shape.ts";
import type { MessageDecoder } from "../shape.ts";
import { readFrame } from "./wire-format.ts";

export function jsonSchemaDecoder(options: JsonDecoderOptions): MessageDecoder {
  const inner = jsonDecoder(options);
  return {
    rowPath: inner.rowPath,
    decode(record) {
      const framed = readFrame(record.value);
      if (framed.kind === "refused") return framed;
      const decoded = inner.decode({ ...record, value: framed.body });
      return decoded.kind === "refused" ? decoded : { ...decoded, carried: { ...decoded.carried, record } };
    },
  };
}
