// A record that cannot be answered, as it is set aside: key and value are the same bytes; where it came from and why is said in
// headers, since an envelope around a message near the broker's size limit would not fit.
import type { Issue } from "../../../base/errors.ts";
import type { OutgoingRecord, StreamRecord } from "../port.ts";

export interface Poison {
  /** At least one; the first is told. */
  readonly issues: readonly Issue[];
  readonly modelVersion: string;
}

/** Names of our headers. Whoever sends a record back takes them off again. */
export const deadLetterHeaders = {
  topic: "trimaran-topic",
  partition: "trimaran-partition",
  offset: "trimaran-offset",
  timestamp: "trimaran-timestamp",
  code: "trimaran-error-code",
  path: "trimaran-error-path",
  message: "trimaran-error-message",
  modelVersion: "trimaran-model-version",
} as const;

const ours: ReadonlySet<string> = new Set(Object.values(deadLetterHeaders));
/** A broker counts headers as part of the message. */
const maxTextChars = 500;
const encoder = new TextEncoder();

export function deadLetter(record: StreamRecord, { issues, modelVersion }: Poison): OutgoingRecord {
  const [first] = issues;
  const facts: readonly (readonly [string, string])[] = [
    [deadLetterHeaders.topic, record.topic],
    [deadLetterHeaders.partition, String(record.partition)],
    [deadLetterHeaders.offset, String(record.offset)],
    [deadLetterHeaders.timestamp, String(record.timestamp)],
    [deadLetterHeaders.code, first?.code ?? "unknown"],
    [deadLetterHeaders.path, first?.path ?? ""],
    [deadLetterHeaders.message, first?.message ?? ""],
    [deadLetterHeaders.modelVersion, modelVersion],
  ];
  const { key, value, timestamp } = record;
  const own = facts.map(([name, text]) => [name, encoder.encode(text.slice(0, maxTextChars))] as const);
  return { to: "deadLetter", key, value, headers: [...withoutOurs(record.headers), ...own], timestamp };
}

/** What the sender of the record had given. */
export function withoutOurs(headers: StreamRecord["headers"]): StreamRecord["headers"] {
  return headers.some(([name]) => ours.has(name)) ? headers.filter(([name]) => !ours.has(name)) : headers;
}
