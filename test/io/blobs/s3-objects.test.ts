// Objects of S3 by key, on a real server: written in parts, on a condition, and read to files.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { S3Objects } from "../../../src/io/blobs/s3-objects.ts";
import { s3Gateway, skipS3 } from "./s3-gateway.ts";

const never = new AbortController().signal;

describe("objects of S3", { skip: skipS3 }, () => {
  test("a file of several parts comes back as it was, and is written on the condition that it is given", async () => {
    await using gateway = await s3Gateway();
    const folder = await mkdtemp(join(tmpdir(), "trimaran-objects-"));
    try {
      const bytes = randomBytes(40 * 2 ** 20 + 17);
      await writeFile(join(folder, "in"), bytes);
      await using objects = await S3Objects.open(gateway.bucket, gateway.env);
      const upload = (condition: string | null): Promise<void> =>
        objects.upload("a/large", join(folder, "in"), { condition, signal: never });
      await upload(null);
      await assert.rejects(upload(null), { code: "BLOB_CHANGED" });
      await assert.rejects(upload('"another"'), { code: "BLOB_CHANGED" });
      const object = await objects.stat("a/large");
      assert.equal(object?.bytes, bytes.length);
      await upload(object.etag);
      const now = await objects.stat("a/large");
      assert.ok(now !== null);
      await objects.download(now, join(folder, "out"), never);
      assert.ok(bytes.equals(await readFile(join(folder, "out"))));
      await assert.rejects(objects.download({ ...now, etag: '"other"' }, join(folder, "out"), never), {
        code: "BLOB_CHANGED",
      });
      await assert.rejects(objects.download({ ...now, key: "a/none" }, join(folder, "out"), never), {
        code: "BLOB_CHANGED",
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("small objects too are written on a condition, listed by prefix, and removed; nothing there is no error", async () => {
    await using gateway = await s3Gateway();
    await using objects = await S3Objects.open(gateway.bucket, gateway.env);
    await objects.put("b/one", Buffer.from("1"), null);
    await assert.rejects(objects.put("b/one", Buffer.from("2"), null), { code: "BLOB_CHANGED" });
    await objects.put("b/two words & ü.txt", Buffer.from("2"));
    const found: string[] = [];
    for await (const { key } of objects.list("b/")) found.push(key);
    assert.deepEqual(found, ["b/one", "b/two words & ü.txt"]);
    assert.equal(Buffer.from((await objects.read("b/one"))?.bytes ?? []).toString(), "1");
    await objects.remove("b/one");
    await objects.remove("b/one");
    assert.equal(await objects.stat("b/one"), null);
    assert.equal(await objects.read("b/one"), null);
  });
});
