// Truth: what is taken, what is refused, and that the same said twice is told once.
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { TruthEvent } from "../../src/feedback/feedback-event.ts";
import { readTruths } from "../../src/feedback/read-events.ts";
import { readTruth } from "../../src/feedback/truth-event.ts";
import { TruthLog } from "../../src/feedback/truth-log.ts";
import { logFolder } from "./fixtures.ts";

const now = new Date("2026-01-02T03:04:05Z");

function sound(sent: unknown): TruthEvent {
  const read = readTruth(sent, { path: "", now });
  assert.ok(!Array.isArray(read), JSON.stringify(read));
  return read as TruthEvent;
}

function paths(sent: unknown): string[] {
  const read = readTruth(sent, { path: "/2", now });
  assert.ok(Array.isArray(read), JSON.stringify(sent));
  return read.map(({ path }) => path);
}

describe("a truth", () => {
  it("names a prediction by id or key and has a value of any kind", () => {
    for (const value of [0, -0.5, false, "label", [1, 2], { p50: 3 }])
      assert.deepEqual(sound({ id: "a", value }).value, value);
    assert.deepEqual(Object.keys(sound({ key: "k", value: 1 })), ["key", "time", "value", "source", "digest"]);
    assert.equal(sound({ id: "a", value: 1 }).time, now.toISOString());
  });

  it("is refused with the path of everything that is wrong", () => {
    assert.deepEqual(paths(null), ["/2"]);
    assert.deepEqual(paths([]), ["/2"]);
    assert.deepEqual(paths({}), ["/2", "/2/value"]);
    assert.deepEqual(paths({ id: "a", key: "b", value: 1 }), ["/2"]);
    assert.deepEqual(paths({ id: 5, value: Number.POSITIVE_INFINITY }), ["/2/id", "/2/value"]);
    assert.deepEqual(paths({ id: "a\nb", value: { x: [Number.NaN] } }), ["/2/id", "/2/value"]);
    assert.deepEqual(paths({ id: "\ud800", value: null }), ["/2/id", "/2/value"]);
    assert.deepEqual(paths(JSON.parse('{"__proto__":{"id":"a"},"value":1}')), ["/2/__proto__", "/2"]);
    for (const time of ["2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", 5, ""])
      assert.deepEqual(paths({ id: "a", value: 1, time }), ["/2/time"], String(time));
  });

  it("said twice is told once, and a correction that is taken back is told", async () => {
    using folder = logFolder();
    const root = join(folder.root, "truth");
    const log = new TruthLog({ root });
    for (const value of [1, 1, 2, 2, 1]) assert.equal(await log.write("small", [sound({ id: "a", value })]), true);
    const many = Array.from({ length: 1000 }, (_, index) => sound({ id: `m${index}`, value: index }));
    assert.equal(await log.write("../small", many), true);
    await log.close();
    const values: unknown[] = [];
    for await (const { value } of readTruths(root, "small")) values.push(value);
    assert.deepEqual(values, [1, 2, 1]);
    assert.equal(log.counts.written, 1005);
    assert.ok(folder.files().every((file) => file.startsWith("truth/")));
  });
});
