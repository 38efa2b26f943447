// Records → the lines of a file: answers as they are, dead letters with what their headers say.
import type { OutgoingRecord } from "../port.ts";
import { deadLetterLine } from "./dead-letter-line.ts";

const lineEnd = Uint8Array.of(10);

/** Those that go to that place, each with its line end behind it. */
export function linesOf(outgoing: readonly OutgoingRecord[], to: OutgoingRecord["to"]): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (const record of outgoing) {
    if (record.to !== to || (to === "output" && record.value === null)) continue;
    parts.push(to === "output" ? record.value! : deadLetterLine(record), lineEnd);
  }
  return parts;
}
