// Lines of a tailed file → lines of a file, each once: over restarts, rotations, truncations and what others do to the files.
import assert from "node:assert/strict";
import { appendFileSync, copyFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { BatchHandler } from "../../../../src/doors/stream/port.ts";
import { echo, listener, runFiles, streamFolder } from "./fixtures.ts";

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `{"id":${from + index}}\n`).join("");
const texts = (from: number, to: number): readonly string[] => lines(from, to).trim().split("\n");

describe("the embedded engine", () => {
  test("answers each line once over several runs", async () => {
    using folder = streamFolder();
    writeFileSync(folder.at("in.ndjson"), lines(0, 500));
    await runFiles(folder);
    await runFiles(folder);
    appendFileSync(folder.at("in.ndjson"), lines(500, 700));
    await runFiles(folder);
    assert.deepEqual(folder.lines("out.ndjson"), texts(0, 700));
  });

  test("cuts off what was written behind the last commit", async () => {
    using folder = streamFolder();
    writeFileSync(folder.at("in.ndjson"), `${lines(0, 10)}bad\n`);
    await runFiles(folder);
    appendFileSync(folder.at("in.ndjson"), lines(10, 20));
    // As a run leaves it that is killed between writing and committing.
    appendFileSync(folder.at("out.ndjson"), `${lines(10, 15)}{"id":1`);
    appendFileSync(folder.at("dead.ndjson"), "{");
    await runFiles(folder);
    assert.deepEqual(folder.lines("out.ndjson"), texts(0, 20));
    assert.equal(folder.lines("dead.ndjson").length, 1);
  });

  test("begins where it failed, and keeps what stood", async () => {
    using folder = streamFolder();
    writeFileSync(folder.at("in.ndjson"), lines(0, 1000));
    let calls = 0;
    const failing: BatchHandler = async (batch, signal) => {
      if (++calls === 4) throw new TypeError("broken");
      return echo(batch, signal);
    };
    await assert.rejects(runFiles(folder, { handler: failing }), /broken/);
    assert.deepEqual(folder.lines("out.ndjson"), texts(0, 300));
    await runFiles(folder);
    assert.deepEqual(folder.lines("out.ndjson"), texts(0, 1000));
  });

  test("writes what stands before the line that ends it, and begins with that line when it is mended", async () => {
    using folder = streamFolder();
    writeFileSync(folder.at("in.ndjson"), `${lines(0, 250)}bad\n${lines(251, 400)}`);
    const ending: BatchHandler = async (batch, signal) => {
      const { outgoing } = await echo(batch, signal);
      const at = outgoing.findIndex(({ to }) => to === "deadLetter");
      if (at < 0) return { outgoing };
      return { outgoing: outgoing.slice(0, at), ended: { records: at, error: new RangeError("bad") } };
    };
    for (const _ of [1, 2]) {
      await assert.rejects(runFiles(folder, { handler: ending, deadLetter: null }), RangeError);
      assert.deepEqual(folder.lines("out.ndjson"), texts(0, 250));
    }
    writeFileSync(folder.at("in.ndjson"), lines(0, 400));
    await runFiles(folder, { handler: ending, deadLetter: null });
    assert.deepEqual(folder.lines("out.ndjson"), texts(0, 400));
  });

  test("reads a rotated file to its end, and then its successor, also when nobody read meanwhile", async () => {
    using folder = streamFolder();
    writeFileSync(folder.at("in.ndjson"), lines(0, 10));
    await runFiles(folder);
    appendFileSync(folder.at("in.ndjson"), lines(10, 20).trimEnd());
    renameSync(folder.at("in.ndjson"), folder.at("in.ndjson.2"));
    await sleep(10);
    writeFileSync(folder.at("in.ndjson.1"), lines(20, 30));
    await sleep(10);
    writeFileSync(folder.at("in.ndjson"), lines(30, 40));
    // Neither is a rotated file.
    writeFileSync(folder.at("in.ndjson.out"), lines(100, 110));
    writeFileSync(folder.at("in.ndjson.gz"), "\u001f\u008b");
    await runFiles(folder);
    assert.deepEqual(folder.lines("out.ndjson"), texts(0, 40));
  });

  test("begins anew with a file that was truncated, or written anew in the same place", async () => {
    using folder = streamFolder();
    writeFileSync(folder.at("in.ndjson"), lines(0, 10));
    await runFiles(folder);
    const notes: string[] = [];
    // Longer than what was read, so that only its bytes tell.
    writeFileSync(folder.at("in.ndjson"), lines(1000, 1020));
    await runFiles(folder, { events: listener(notes) });
    assert.deepEqual(folder.lines("out.ndjson"), [...texts(0, 10), ...texts(1000, 1020)]);
    assert.equal(notes.length, 1);
    truncateSync(folder.at("in.ndjson"), 0);
    appendFileSync(folder.at("in.ndjson"), lines(5, 6));
    await runFiles(folder);
    assert.equal(folder.lines("out.ndjson").at(-1), '{"id":5}');
  });

  test("goes on in a copy of the file that has its name", async () => {
    using folder = streamFolder();
    writeFileSync(folder.at("in.ndjson"), lines(0, 10));
    await runFiles(folder);
    copyFileSync(folder.at("in.ndjson"), folder.at("copy"));
    rmSync(folder.at("in.ndjson"));
    renameSync(folder.at("copy"), folder.at("in.ndjson"));
    appendFileSync(folder.at("in.ndjson"), lines(10, 12));
    await runFiles(folder);
    assert.deepEqual(folder.lines("out.ndjson"), texts(0, 12));
  });

  test("waits for lines, for the end of the last one, and stops when it is told to", async () => {
    using folder = streamFolder();
    writeFileSync(folder.at("in.ndjson"), lines(0, 2));
    const stop = new AbortController();
    const running = runFiles(folder, { untilEnd: false, signal: stop.signal });
    const until = async (count: number): Promise<void> => {
      while (folder.lines("out.ndjson").length < count) await sleep(10);
    };
    await until(2);
    appendFileSync(folder.at("in.ndjson"), '{"id":2}\n{"id"');
    await until(3);
    await sleep(100);
    assert.equal(folder.lines("dead.ndjson").length, 0);
    appendFileSync(folder.at("in.ndjson"), ":3}\n");
    await until(4);
    truncateSync(folder.at("in.ndjson"), 0);
    await sleep(200);
    appendFileSync(folder.at("in.ndjson"), lines(4, 5));
    await until(5);
    stop.abort();
    await running;
    assert.deepEqual(folder.lines("out.ndjson"), texts(0, 5));
  });

  test("sets a line aside that is too long, by its begin, and answers the others", async () => {
    using folder = streamFolder();
    writeFileSync(folder.at("in.ndjson"), `${lines(0, 1)}"${"x".repeat(3_000_000)}"\n${lines(1, 2)}`);
    await runFiles(folder);
    assert.deepEqual(folder.lines("out.ndjson"), texts(0, 2));
    const [letter = ""] = folder.lines("dead.ndjson");
    const { value, line_bytes } = JSON.parse(letter) as { value: string; line_bytes: number };
    assert.equal(line_bytes, 3_000_002);
    assert.equal(value.length, 10_001);
  });

  test("refuses to write to a file that somebody else has changed, or cut", async () => {
    using folder = streamFolder();
    writeFileSync(folder.at("in.ndjson"), lines(0, 300));
    const meddling: BatchHandler = async (batch, signal) => {
      if (batch.records[0]!.offset === 200n) {
        while (folder.lines("out.ndjson").length < 200) await sleep(10);
        appendFileSync(folder.at("out.ndjson"), "mine\n");
      }
      return echo(batch, signal);
    };
    await assert.rejects(runFiles(folder, { handler: meddling }), { code: "STREAM_OUTPUT_CHANGED" });
    truncateSync(folder.at("out.ndjson"), 5);
    await assert.rejects(runFiles(folder), { code: "STREAM_OUTPUT_SHORT" });
    // Put away: what it holds stands, and nothing is answered twice.
    renameSync(folder.at("out.ndjson"), folder.at("before.ndjson"));
    await runFiles(folder);
    assert.deepEqual(folder.lines("out.ndjson"), texts(200, 300));
  });

  test("says that a file of positions is damaged, and touches nothing", async () => {
    using folder = streamFolder();
    writeFileSync(folder.at("in.ndjson"), lines(0, 10));
    await runFiles(folder);
    for (const name of ["offsets.db-wal", "offsets.db-shm"]) rmSync(folder.at(name), { force: true });
    writeFileSync(folder.at("offsets.db"), "no database at all, but long enough to be looked at".repeat(100));
    await assert.rejects(runFiles(folder), { code: "STREAM_OFFSETS" });
    assert.deepEqual(folder.lines("out.ndjson"), texts(0, 10));
  });

  test("keeps groups apart, and reads again when it is told to", async () => {
    using folder = streamFolder();
    writeFileSync(folder.at("in.ndjson"), lines(0, 3));
    await runFiles(folder);
    await runFiles(folder, { group: "other", output: folder.at("other.ndjson"), deadLetter: null });
    assert.deepEqual(folder.lines("other.ndjson"), texts(0, 3));
    await runFiles(folder, { reset: true });
    assert.deepEqual(folder.lines("out.ndjson"), [...texts(0, 3), ...texts(0, 3)]);
  });

  test("says that there is no such file", async () => {
    using folder = streamFolder();
    await assert.rejects(runFiles(folder), { code: "STREAM_FILE" });
    await assert.rejects(runFiles(folder, { input: folder.path }), { code: "STREAM_FILE" });
  });
});
