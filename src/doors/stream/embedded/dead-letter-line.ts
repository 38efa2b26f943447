// A dead letter in a file, which has no headers: one JSON object a line that holds them beside the value.
//   {"topic":"rides.ndjson","partition":0,"offset":"17","timestamp":1700000000000,"error":{"code","path","message"},
//    "model_version":"3","value":"…"}      a value that is no UTF-8 text stands in `value_base64`
// Where a line was too long for us only its begin is kept, and `line_bytes` says how long it is.
import { isUtf8 } from "node:buffer";
import { deadLetterHeaders as names } from "../poison/dead-letter.ts";
import type { OutgoingRecord } from "../port.ts";

/** On a record whose value is only the begin of a line. */
export const lineBytesHeader = "trimaran-line-bytes";

const decoder = new TextDecoder();

export function deadLetterLine({ key, headers, value }: OutgoingRecord): Uint8Array {
  const texts = new Map(headers.map(([name, bytes]) => [name, bytes === null ? "" : decoder.decode(bytes)]));
  const textOf = (name: string): string => texts.get(name) ?? "";
  const cut = texts.get(lineBytesHeader);
  const line = {
    topic: textOf(names.topic),
    partition: Number(textOf(names.partition)),
    offset: textOf(names.offset),
    timestamp: Number(textOf(names.timestamp)),
    error: { code: textOf(names.code), path: textOf(names.path), message: textOf(names.message) },
    model_version: textOf(names.modelVersion),
    ...(cut === undefined ? {} : { line_bytes: Number(cut) }),
    ...(key === null ? {} : bytesOf("key", key)),
    ...(value === null ? { value: null } : bytesOf("value", value)),
  };
  return Buffer.from(JSON.stringify(line));
}

function bytesOf(name: string, bytes: Uint8Array): Readonly<Record<string, string>> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return isUtf8(buffer) ? { [name]: buffer.toString("utf8") } : { [`${name}_base64`]: buffer.toString("base64") };
}
