// Downloads that break and go on: only in the file that they began with.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isTrimaranError, trimaranError } from "../../../src/base/errors.ts";
import { type ArtifactResume, type ArtifactSource, proxySource } from "../../../src/loaders/mlflow/artifact-source.ts";
import { download } from "../../../src/loaders/mlflow/download.ts";
import { openTrackingClient } from "../../../src/loaders/mlflow/tracking.ts";
import { trackingServer } from "../../tracking/tracking-server.ts";

async function* cutAfter(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
  throw trimaranError("ARTIFACT_CUT", { location: "x", problem: "the connection broke" });
}

async function* whole(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

async function downloaded(source: ArtifactSource, bytes: number | null): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-resume-"));
  try {
    await download(source, [{ path: "f", bytes, tag: null }], { folder, name: "f" });
    return await readFile(join(folder, "f"), "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("a file that became another one between two tries is read from its beginning", async () => {
  const asked: ArtifactResume[] = [];
  const source: ArtifactSource = {
    name: "s3://bucket/x",
    list: async () => [],
    async open(_, resume) {
      asked.push(resume);
      if (asked.length === 1) return { from: 0, bytes: 10, tag: '"one"', body: cutAfter("01234") };
      if (resume.tag === '"one"') throw trimaranError("BLOB_CHANGED", { location: "x" });
      return { from: 0, bytes: 8, tag: '"two"', body: whole("anothers") };
    },
  };
  assert.equal(await downloaded(source, null), "anothers");
  assert.deepEqual(asked, [
    { from: 0, tag: null },
    { from: 5, tag: '"one"' },
    { from: 0, tag: null },
  ]);
});

test("a file that changes every time is given up, and said so", async () => {
  let tag = 0;
  const source: ArtifactSource = {
    name: "s3://bucket/x",
    list: async () => [],
    async open(_, resume) {
      if (resume.tag !== null) throw trimaranError("ARTIFACT_CHANGED", { location: "x" });
      tag++;
      return { from: 0, bytes: 10, tag: `"${tag}"`, body: cutAfter("01234") };
    },
  };
  await assert.rejects(downloaded(source, null), (error) => {
    assert.ok(isTrimaranError(error));
    return error.code === "ARTIFACT_CHANGED" || error.code === "ARTIFACT_CUT";
  });
});

test("the proxy gives the rest of the same file, and the whole of another one", async () => {
  await using server = await trackingServer();
  const path = "/api/2.0/mlflow-artifacts/artifacts/0/r/artifacts/f";
  await server.ask("PUT", path, "0123456789");
  const env = { MLFLOW_TRACKING_URI: `http://127.0.0.1:${server.port}` };
  const tracking = await openTrackingClient({ env, maxRetries: 0 });
  try {
    for (const replaced of [false, true]) {
      const real = proxySource(tracking.transport, "0/r/artifacts");
      let opened = 0;
      const source: ArtifactSource = {
        ...real,
        async open(name, resume) {
          const answer = await real.open(name, resume);
          if (opened++ > 0) return answer;
          for await (const _ of answer.body);
          if (replaced) await server.ask("PUT", path, "abcdefghij");
          return { ...answer, body: cutAfter("01234") };
        },
      };
      assert.equal(await downloaded(source, 10), replaced ? "abcdefghij" : "0123456789");
      assert.equal(opened, 2);
    }
  } finally {
    await tracking.close();
  }
});
