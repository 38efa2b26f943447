// Dead letters → the records that they were, to be sent back: from a topic with the headers that they came with, from a file what
// `value` says by now.
import { isTrimaranError, trimaranError } from "../../../base/errors.ts";
import { defaultLimits, readMessageJson } from "../messages/read-message-json.ts";
import { deadLetterHeaders, withoutOurs } from "../poison/dead-letter.ts";
import type { BatchHandler, OutgoingRecord, StreamRecord } from "../port.ts";

export interface ReplayCounters {
  sent: number;
}

/** Each to the topic that it came from, unless one topic is named for all. */
export function topicReplay(counters: ReplayCounters, hasPlace: boolean): BatchHandler {
  return async ({ records }) => ({
    outgoing: records.map((record) => recordAgain(record, hasPlace)),
    committed: () => {
      counters.sent += records.length;
    },
  });
}

const decoder = new TextDecoder();

function recordAgain({ key, value, headers, timestamp }: StreamRecord, hasPlace: boolean): OutgoingRecord {
  const textOf = (name: string): string | undefined => {
    const bytes = headers.findLast(([each]) => each === name)?.[1];
    return bytes == null ? undefined : decoder.decode(bytes);
  };
  const topic = hasPlace ? undefined : textOf(deadLetterHeaders.topic);
  const first = Number(textOf(deadLetterHeaders.timestamp) ?? Number.NaN);
  return {
    to: "output",
    key,
    value,
    headers: withoutOurs(headers),
    timestamp: first >= 0 ? first : timestamp,
    ...(topic === undefined ? {} : { topic }),
  };
}

/** Lines of a dead letter file. @throws STREAM_REPLAY for a line that says no value */
export function fileReplay(counters: ReplayCounters, file: string): BatchHandler {
  return async ({ records }) => {
    const outgoing = records.map(({ value, offset }): OutgoingRecord => {
      try {
        return { to: "output", key: null, value: oneLine(sentValue(value!)), headers: [] };
      } catch (error) {
        const problem = isTrimaranError(error) ? error.message : (error as Error).message;
        throw trimaranError("STREAM_REPLAY", { line: Number(offset) + 1, file, problem });
      }
    });
    const committed = (): void => {
      counters.sent += records.length;
    };
    return { outgoing, committed };
  };
}

function sentValue(line: Uint8Array): Uint8Array {
  const read = readMessageJson(line, { ...defaultLimits, maxBytes: line.length });
  if (read.kind === "refused") throw new TypeError(read.issues[0].message.replace(/\.$/, ""));
  const { value, value_base64, line_bytes } = (read.value ?? {}) as Readonly<Record<string, unknown>>;
  if (line_bytes !== undefined)
    throw new TypeError("it holds only the begin of its value (remove line_bytes once it is whole)");
  if (typeof value === "string") return Buffer.from(value);
  // Mended as JSON, and not as a text of JSON.
  if (typeof value === "object" && value !== null)
    throw new TypeError("its value is no text: write the JSON as a string");
  if (typeof value_base64 === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(value_base64)) {
    return Buffer.from(value_base64, "base64");
  }
  throw new TypeError("it has no value");
}

/** A raw line feed in JSON is a space: one in a string is written `\n`. */
function oneLine(value: Uint8Array): Uint8Array {
  return value.includes(10) ? value.map((byte) => (byte === 10 || byte === 13 ? 32 : byte)) : value;
}
