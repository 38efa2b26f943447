// A dead letter in a file, which has no headers: one JSON object a line that holds them beside the value.
//   {"topic":"rides.ndjson","partition":0,"offset":"17","timestamp":1700000000000,"error":{"code","path","message"},
//    "model_version":"3","value":"…"}      a value that is no UTF-8 text stands in `value_base64`
import { isUtf8 } from "node:buffer";
import { deadLetterHeaders as names } from "../poison/dead-letter.ts";
import type { OutgoingRecord } from "../port.ts";

const decoder = new TextDecoder();

export function deadLetterLine({ headers, value }: OutgoingRecord): Uint8Array {
  const texts = new Map(headers.map(([name, bytes]) => [name, bytes === null ? "" : decoder.decode(bytes)]));
  const textOf = (name: string): string => texts.get(name) ?? "";
  const bytes = value ?? new Uint8Array(0);
  const line = {
    topic: textOf(names.topic),
    partition: Number(textOf(names.partition)),
    offset: textOf(names.offset),
    timestamp: Number(textOf(names.timestamp)),
    error: { code: textOf(names.code), path: textOf(names.path), message: textOf(names.message) },
    model_version: textOf(names.modelVersion),
    ...(isUtf8(bytes)
      ? { value: Buffer.from(bytes).toString("utf8") }
      : { value_base64: Buffer.from(bytes).toString("base64") }),
  };
  return Buffer.from(JSON.stringify(line));
}
