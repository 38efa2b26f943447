// A file of the disk into a stream that is slow, breaks off or goes away: every byte in its place, and no file left open.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { FileBody } from "../../../src/io/blobs/file-body.ts";

describe("the body of a file", () => {
  const content = randomBytes(3_000_001);
  let folder = "";
  let path = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "trimaran-body-"));
    path = join(folder, "content");
    await writeFile(path, content);
  });
  after(() => rm(folder, { recursive: true }));

  const bodyOf = async (from: number, end: number): Promise<FileBody> => new FileBody(await open(path), { from, end });
  const assertClosed = (): void => {
    if (!existsSync("/proc/self/fd")) return;
    const open = readdirSync("/proc/self/fd").map((name) => {
      try {
        return readlinkSync(`/proc/self/fd/${name}`);
      } catch {
        return "";
      }
    });
    assert.ok(!open.includes(path), "it is still open");
  };

  for (const [from, end] of [
    [0, content.length],
    [1, 262_146],
    [2_999_990, content.length],
    [5, 5],
  ] as const) {
    test(`bytes ${from} to ${end}, as chunks and into a slow stream`, async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of await bodyOf(from, end)) chunks.push(chunk);
      assert.ok(Buffer.concat(chunks).equals(content.subarray(from, end)));
      const taken: Buffer[] = [];
      const slow = new Writable({
        highWaterMark: 1,
        write: (chunk: Buffer, _encoding, done) => {
          // Kept only after a while: a buffer that is used again too early shows here.
          setTimeout(() => {
            taken.push(Buffer.from(chunk));
            done();
          }, 3);
        },
      });
      await (await bodyOf(from, end)).writeTo(slow);
      assert.ok(Buffer.concat(taken).equals(content.subarray(from, end)));
      assert.equal(slow.writableEnded, false);
      assertClosed();
    });
  }

  test("a stream that goes away, or fails, ends it", async () => {
    const stuck = new Writable({ write: () => {} });
    const writing = (await bodyOf(0, content.length)).writeTo(stuck);
    void sleep(20).then(() => stuck.destroy());
    await assert.rejects(writing);
    const failing = new Writable({ write: (_chunk, _encoding, done) => done(new Error("no")) }).on("error", () => {});
    await assert.rejects((await bodyOf(0, content.length)).writeTo(failing));
    assertClosed();
  });

  test("who leaves in the middle closes it; a file that became shorter is told", async () => {
    for await (const _chunk of await bodyOf(0, content.length)) break;
    assertClosed();
    const body = await bodyOf(0, content.length);
    await truncate(path, 1_000_000);
    await assert.rejects(async () => {
      for await (const _chunk of body);
    }, /became shorter/);
    assertClosed();
  });
});
