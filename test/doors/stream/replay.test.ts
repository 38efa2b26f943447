// Dead letters go back: from a topic with what they came with, from a file with what `value` says by now.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { deadLetterLine } from "../../../src/doors/stream/embedded/dead-letter-line.ts";
import { deadLetter } from "../../../src/doors/stream/poison/dead-letter.ts";
import type { HandledBatch, StreamRecord } from "../../../src/doors/stream/port.ts";
import { fileReplay, topicReplay } from "../../../src/doors/stream/replay/replay-handlers.ts";

const issues = [{ path: "/a", code: "wrong_type", message: "Must be a number." }];
const signal = new AbortController().signal;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function record(value: Uint8Array | null, headers: StreamRecord["headers"] = []): StreamRecord {
  return { topic: "rides", partition: 2, offset: 17n, key: bytes("k"), value, headers, timestamp: 1234 };
}

describe("a dead letter", () => {
  test("of a topic is the record again: key, value, headers, time, and the topic that it came from", async () => {
    const first = record(bytes("{"), [["trace", bytes("t")]]);
    const { key, value, headers } = deadLetter(first, { issues, modelVersion: "3" });
    const letter: StreamRecord = { topic: "dead", partition: 0, offset: 0n, key, value, headers, timestamp: 9999 };
    const counters = { sent: 0 };
    const { outgoing, committed } = await topicReplay(counters, false)(
      { topic: "dead", partition: 0, records: [letter] },
      signal,
    );
    assert.deepEqual(outgoing, [
      { to: "output", key: first.key, value: first.value, headers: first.headers, timestamp: 1234, topic: "rides" },
    ]);
    committed?.();
    assert.equal(counters.sent, 1);
    const named = await topicReplay(counters, true)({ topic: "dead", partition: 0, records: [letter] }, signal);
    assert.equal(named.outgoing[0]?.topic, undefined);
  });

  const replayed = (lines: readonly string[]): Promise<HandledBatch> =>
    fileReplay({ sent: 0 }, "dead.ndjson")(
      { topic: "dead.ndjson", partition: 0, records: lines.map((line) => record(bytes(line))) },
      signal,
    );

  test("of a file keeps any bytes, and what is mended on several lines becomes one", async () => {
    for (const value of [bytes("{"), Uint8Array.of(0xff, 0, 10, 13), bytes("")]) {
      const line = Buffer.from(deadLetterLine(deadLetter(record(value), { issues, modelVersion: "3" }))).toString();
      const { outgoing } = await replayed([line]);
      assert.deepEqual(
        Buffer.from(outgoing[0]!.value!),
        Buffer.from(value.map((byte) => (value.includes(10) && (byte === 10 || byte === 13) ? 32 : byte))),
      );
    }
    const { outgoing } = await replayed([JSON.stringify({ value: '{\n  "a": 1\r\n}' })]);
    assert.equal(Buffer.from(outgoing[0]!.value!).toString(), '{   "a": 1  }');
  });

  test("of a file that says no value is refused with its line", async () => {
    for (const line of [
      "{",
      "[]",
      "null",
      "{}",
      '{"value":{"a":1}}',
      '{"value_base64":"?"}',
      '{"value":"x","line_bytes":9}',
    ]) {
      await assert.rejects(replayed([line]), (error: { code: string; message: string }) => {
        assert.equal(error.code, "STREAM_REPLAY");
        assert.match(error.message, /^Line 18 of dead\.ndjson /);
        return true;
      });
    }
  });
});
