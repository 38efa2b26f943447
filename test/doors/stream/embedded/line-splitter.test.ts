// Bytes → lines, however they are cut into chunks.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Line, LineSplitter } from "../../../../src/doors/stream/embedded/line-splitter.ts";

const text = '{"a":1}\r\n\n  \n{"ü":2}\n\r\nlonger than ten bytes, much\nx\nlast';

function split(chunks: readonly Buffer[], maxBytes = 1000): Line[] {
  const splitter = new LineSplitter({ position: 0, number: 0, maxBytes });
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}

const facts = (lines: readonly Line[]): unknown =>
  lines.map(({ bytes, ...rest }) => ({ text: Buffer.from(bytes).toString(), ...rest }));

describe("lines", () => {
  test("are the same however the bytes come, also cut within characters", () => {
    const bytes = Buffer.from(text);
    for (const maxBytes of [10, 1000]) {
      const whole = facts(split([bytes], maxBytes));
      for (let at = 0; at <= bytes.length; at++) {
        assert.deepEqual(facts(split([bytes.subarray(0, at), bytes.subarray(at)], maxBytes)), whole, `cut at ${at}`);
      }
      assert.deepEqual(
        facts(
          split(
            [...bytes].map((byte) => Buffer.from([byte])),
            maxBytes,
          ),
        ),
        whole,
      );
    }
  });

  test("have no line ends, and blank ones are left out but counted", () => {
    const lines = split([Buffer.from(text)]);
    assert.deepEqual(
      lines.map(({ bytes, number }) => [Buffer.from(bytes).toString(), number]),
      [
        ['{"a":1}', 0],
        ['{"ü":2}', 3],
        ["longer than ten bytes, much", 5],
        ["x", 6],
        ["last", 7],
      ],
    );
  });

  test("that are too long keep their begin and say their length", () => {
    const long = split([Buffer.from(`${"a".repeat(5000)}\nb\n`)], 10);
    assert.deepEqual(
      long.map(({ bytes, cutFrom, end }) => [bytes.length, cutFrom, end]),
      [
        [11, 5000, 5001],
        [1, 0, 5003],
      ],
    );
  });

  test("end where the file says", () => {
    const bytes = Buffer.from(text);
    for (const { bytes: line, end, ending } of split([bytes])) {
      assert.deepEqual(bytes.subarray(end - ending - line.length, end - ending), Buffer.from(line));
    }
  });
});
