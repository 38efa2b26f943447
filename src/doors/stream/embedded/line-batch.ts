// Lines → records, and what became of them → lines again: answers as they are, dead letters with what their headers say.
import type { OutgoingRecord, StreamRecord } from "../port.ts";
import { deadLetterLine, lineBytesHeader } from "./dead-letter-line.ts";
import type { Line } from "./line-splitter.ts";

const encoder = new TextEncoder();
const none: StreamRecord["headers"] = [];

export function recordsOf(lines: readonly Line[], topic: string): readonly StreamRecord[] {
  const timestamp = Date.now();
  return lines.map(({ bytes, number, cutFrom }) => ({
    topic,
    partition: 0,
    offset: BigInt(number),
    key: null,
    value: bytes,
    headers: cutFrom === 0 ? none : [[lineBytesHeader, encoder.encode(String(cutFrom))]],
    timestamp,
  }));
}

const lineFeed = 10;

/** Those that go to that place, each with its line end behind it, in bytes of their own: none, or one part with all of them. */
export function linesOf(outgoing: readonly OutgoingRecord[], to: OutgoingRecord["to"]): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  let size = 0;
  for (const record of outgoing) {
    if (record.to !== to || (to === "output" && record.value === null)) continue;
    const line = to === "output" ? record.value! : deadLetterLine(record);
    lines.push(line);
    size += line.length + 1;
  }
  if (size === 0) return lines;
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const line of lines) {
    bytes.set(line, at);
    at += line.length;
    bytes[at++] = lineFeed;
  }
  return [bytes];
}
