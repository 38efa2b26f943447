// One contract, two stores: a folder, and a real S3-compatible server.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isTrimaranError } from "../../../src/base/errors.ts";
import type { BlobStore } from "../../../src/io/blobs/blob-store.ts";
import { openLocalBlobs } from "../../../src/io/blobs/local-blobs.ts";
import { openS3Blobs } from "../../../src/io/blobs/s3-blobs.ts";
import { s3Place } from "../../../src/io/blobs/s3-settings.ts";
import { s3Gateway, s3Secret, skipS3 } from "./s3-gateway.ts";

interface Opened extends AsyncDisposable {
  readonly store: BlobStore;
}

async function localStore(): Promise<Opened & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-blobs-"));
  const store = await openLocalBlobs(join(folder, "root"));
  return { store, folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

async function s3Store(): Promise<Opened> {
  const gateway = await s3Gateway();
  const store = await openS3Blobs({ bucket: gateway.bucket, prefix: "some/prefix" }, gateway.env);
  return { store, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() };
}

async function* chunks(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === "string" ? new TextEncoder().encode(part) : part;
}

async function textAt(store: BlobStore, path: readonly string[], from?: number, to?: number): Promise<string | null> {
  const range = from === undefined ? undefined : { from, ...(to === undefined ? {} : { to }) };
  const read = await store.openRead(path, range);
  if (read === null) return null;
  return (await bytesOf(read.body)).toString();
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of body) all.push(chunk);
  return Buffer.concat(all);
}

function code(error: unknown): string {
  return isTrimaranError(error) ? error.code : String(error);
}

const stores: readonly (readonly [string, () => Promise<Opened>, string | false])[] = [
  ["a folder", localStore, false],
  ["S3", s3Store, skipS3],
];

for (const [name, open, skip] of stores) {
  test(`${name}: what is written is listed, read in parts, and gone when it is removed`, { skip }, async () => {
    await using opened = await open();
    const { store } = opened;
    assert.deepEqual(await store.list([]), []);
    assert.equal(await store.list(["none"]), null);
    assert.equal(await store.stat(["none"]), null);
    assert.equal(await store.openRead(["none"]), null);
    const path = ["1", "run", "artifacts", "a b", "é #?%2e.txt"];
    await store.write(path, chunks("hello ", "world"));
    await store.write(["1", "run", "artifacts", "empty"], chunks());
    const listed = await store.list(["1", "run", "artifacts"]);
    assert.deepEqual(
      listed?.map(({ name: each, isFolder, bytes }) => [each, isFolder, bytes]),
      [
        ["a b", true, 0],
        ["empty", false, 0],
      ],
    );
    const info = await store.stat(path);
    assert.equal(info?.bytes, 11);
    assert.equal((await store.list(path.slice(0, -1)))?.[0]?.etag, info?.etag);
    assert.match(info?.etag ?? "", /^".+"$/);
    assert.equal(await textAt(store, path), "hello world");
    assert.equal(await textAt(store, path, 6), "world");
    assert.equal(await textAt(store, path, 2, 4), "llo");
    assert.equal(await textAt(store, ["1", "run", "artifacts", "empty"]), "");
    assert.equal(await store.openRead(["1", "run"]), null);
    const read = await store.openRead(path, { from: 6, ...(info === null ? {} : { etag: info.etag }) });
    assert.equal(read?.bytes, 11);
    if (read !== null) await bytesOf(read.body);
    await store.write(path, chunks("other"));
    assert.equal(await textAt(store, path), "other");
    assert.notEqual((await store.stat(path))?.etag, info?.etag);
    await assert.rejects(
      async () => store.openRead(path, { from: 1, etag: info?.etag ?? "" }),
      (error) => code(error) === "BLOB_CHANGED",
    );
    await store.remove(["1", "run", "artifacts", "a b"]);
    assert.equal(await store.stat(path), null);
    await store.remove(["1", "run", "artifacts", "a b"]);
    assert.equal((await store.list(["1", "run", "artifacts"]))?.length, 1);
  });

  test(`${name}: what is not as it was announced, or breaks off, leaves nothing`, { skip }, async () => {
    await using opened = await open();
    const { store } = opened;
    const path = ["1", "x", "artifacts", "f"];
    const sha256 = (text: string): Uint8Array => createHash("sha256").update(text).digest();
    const failing = [
      [{ bytes: 3 }, "BLOB_CUT"],
      [{ bytes: 9 }, "BLOB_CUT"],
      [{ maxBytes: 5 }, "BLOB_LIMIT"],
      [{ digest: { hash: "sha256", value: sha256("other") } }, "BLOB_CHECKSUM"],
    ] as const;
    for (const [expected, wanted] of failing) {
      await assert.rejects(store.write(path, chunks("con", "tent"), expected), (error) => code(error) === wanted);
      assert.equal(await store.stat(path), null, wanted);
    }
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < 20; at++) yield randomBytes(1 << 20);
      throw new Error("the client went away");
    };
    await assert.rejects(store.write(path, broken()), /went away/);
    assert.equal(await store.stat(path), null);
    await store.write(path, chunks("content"), { bytes: 7, digest: { hash: "sha256", value: sha256("content") } });
    await assert.rejects(store.write(path, broken()), /went away/);
    assert.equal(await textAt(store, path), "content");
  });

  test(`${name}: a large body is written in parts and read back whole`, { skip }, async () => {
    await using opened = await open();
    const { store } = opened;
    const all = randomBytes(21 * 2 ** 20 + 3);
    const pieces = Array.from({ length: 22 }, (_, at) => all.subarray(at * 1_000_003, (at + 1) * 1_000_003));
    await store.write(["big"], chunks(...pieces, all.subarray(22 * 1_000_003)), { bytes: all.length });
    const read = await store.openRead(["big"]);
    assert.equal(read?.bytes, all.length);
    assert.ok(read !== null && (await bytesOf(read.body)).equals(all));
  });

  test(`${name}: parts come in any order, and only what came is put together`, { skip }, async () => {
    await using opened = await open();
    const { store } = opened;
    const path = ["1", "x", "artifacts", "whole"];
    const upload = await store.uploads.begin(path);
    const first = randomBytes(5 * 2 ** 20);
    const part = async (number: number, body: Uint8Array): Promise<{ number: number; etag: string }> => ({
      number,
      etag: await store.uploads.writePart({ path, upload, number }, chunks(body)),
    });
    const two = await part(2, first);
    const one = await part(1, first);
    const three = await part(3, new TextEncoder().encode("end"));
    const again = await part(3, new TextEncoder().encode("the end"));
    const wrong = [{ number: 1, etag: `"${"0".repeat(32)}"` }];
    await assert.rejects(store.uploads.finish(path, upload, wrong), (error) => code(error) === "BLOB_UPLOAD");
    assert.equal(await store.stat(path), null);
    await store.uploads.finish(path, upload, [one, { ...two }, again]);
    assert.equal((await store.stat(path))?.bytes, first.length * 2 + 7);
    assert.equal(await textAt(store, path, first.length * 2), "the end");
    assert.notEqual(three.etag, again.etag);
    const given = await store.uploads.begin(["1", "x", "artifacts", "given-up"]);
    await store.uploads.abort(["1", "x", "artifacts", "given-up"], given);
    await store.uploads.abort(["1", "x", "artifacts", "given-up"], given);
    await assert.rejects(
      store.uploads.finish(["1", "x", "artifacts", "given-up"], given, [one]),
      (error) => code(error) === "BLOB_UPLOAD",
    );
  });

  test(`${name}: paths that climb are refused whoever gives them`, { skip }, async () => {
    await using opened = await open();
    const { store } = opened;
    for (const path of [[".."], ["a", ".."], [""], ["a/b"], ["a\\b"], ["a\0"], ["."], []]) {
      await assert.rejects(store.write(path, chunks("x")), (error) => code(error) === "BLOB_PATH");
      await assert.rejects(
        async () => store.openRead(path),
        (error) => code(error) === "BLOB_PATH",
      );
      await assert.rejects(
        async () => store.remove(path),
        (error) => code(error) === "BLOB_PATH",
      );
      await assert.rejects(async () => store.uploads.begin(path).then((id) => store.uploads.finish(path, id, [])));
    }
  });
}

test("a folder: links are neither read nor written through, and our own folder is not shown", async () => {
  await using opened = await localStore();
  const { store, folder } = opened;
  writeFileSync(join(folder, "secret"), "secret");
  mkdirSync(join(folder, "root/1"));
  symlinkSync(folder, join(folder, "root/1/out"));
  symlinkSync(join(folder, "secret"), join(folder, "root/1/file"));
  assert.equal(await store.openRead(["1", "out", "secret"]), null);
  assert.equal(await store.openRead(["1", "file"]), null);
  assert.deepEqual(await store.list(["1"]), []);
  for (const path of [
    ["1", "out", "new"],
    ["1", "file"],
    ["1", "out"],
  ]) {
    await assert.rejects(store.write(path, chunks("x")), (error) => code(error) === "BLOB_CONFLICT");
  }
  await assert.rejects(store.write([".trimaran", "x"], chunks("x")), (error) => code(error) === "BLOB_PATH");
  await store.remove(["1", "out"]);
  await store.write(["1", "ok"], chunks("x"));
  assert.ok(existsSync(join(folder, "secret")) && !existsSync(join(folder, "new")));
  assert.equal(await store.openRead([".trimaran", "uploads"]), null);
  assert.deepEqual(
    (await store.list([]))?.map(({ name }) => name),
    ["1"],
  );
  assert.deepEqual(readdirSync(join(folder, "root/.trimaran/uploads")), []);
});

test("S3: URLs with a signature do one thing without credentials", { skip: skipS3 }, async () => {
  await using opened = await s3Store();
  const { store } = opened;
  const { signer } = store;
  assert.ok(signer !== null);
  const path = ["1", "run", "artifacts", "a b+é(1).txt"];
  const put = await fetch(await signer.write(path, 60), { method: "PUT", body: "signed" });
  assert.equal(put.status, 200);
  assert.equal(await textAt(store, path), "signed");
  const url = await signer.read(path, 60);
  const part = await fetch(url, { headers: { range: "bytes=2-3" } });
  assert.deepEqual([part.status, await part.text()], [206, "gn"]);
  assert.equal((await fetch(url, { method: "PUT", body: "x" })).status, 403);
  assert.equal((await fetch(url.replace("a%20b", "a%20c"))).status, 403);
  const upload = await store.uploads.begin(path);
  const sent = await fetch(await signer.part({ path, upload, number: 1 }, 60), { method: "PUT", body: "by parts" });
  await store.uploads.finish(path, upload, [{ number: 1, etag: sent.headers.get("etag") ?? "" }]);
  assert.equal(await textAt(store, path), "by parts");
  assert.ok(!url.includes(s3Secret));
});

test("S3: wrong keys, no bucket and no server are told apart, without a secret", { skip: skipS3 }, async () => {
  await using gateway = await s3Gateway();
  const attempt = async (bucket: string, env: Readonly<Record<string, string>>): Promise<string> => {
    const store = await openS3Blobs({ bucket, prefix: "" }, { ...gateway.env, ...env });
    for (const act of [() => store.list([]), () => store.write(["x"], chunks("x")), () => store.openRead(["x"])]) {
      const error = await act().then(
        () => null,
        (thrown: unknown) => thrown,
      );
      assert.ok(isTrimaranError(error), String(error));
      assert.ok(!`${error.message}${error.fix}`.includes("s3cret"));
      if (act.toString().includes("write")) return error.code;
    }
    return "";
  };
  assert.equal(await attempt(gateway.bucket, { AWS_SECRET_ACCESS_KEY: "s3cret-and-wrong" }), "BLOB_DENIED");
  assert.equal(await attempt(gateway.bucket, { AWS_ACCESS_KEY_ID: "nobody" }), "BLOB_DENIED");
  assert.equal(await attempt("no-such-bucket", {}), "BLOB_BUCKET");
  await gateway.stop();
  assert.equal(await attempt(gateway.bucket, {}), "BLOB_STORE");
});

test("s3 locations are read as bucket and prefix", () => {
  assert.deepEqual(s3Place("s3://bucket"), { bucket: "bucket", prefix: "" });
  assert.deepEqual(s3Place("s3://bucket/a/b/"), { bucket: "bucket", prefix: "a/b" });
  assert.equal(s3Place("s3://"), null);
  assert.equal(s3Place("s3:///a"), null);
  assert.equal(s3Place("s3://a_b?x"), null);
});
