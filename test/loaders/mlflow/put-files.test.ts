// Files on their way up: to our own server with accounts, to S3 directly, to a folder; and what goes wrong on the way.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { putArtifact } from "../../../src/loaders/mlflow/artifact-client.ts";
import { putFiles } from "../../../src/loaders/mlflow/put-files.ts";
import { openTrackingClient } from "../../../src/loaders/mlflow/tracking.ts";
import { s3Gateway, s3Secret, skipS3 } from "../../io/blobs/s3-gateway.ts";
import { accessServer, adminPassword } from "../../tracking/access-server.ts";

const names = ["a.bin", "d/b é+%.bin", "d/e/c.bin", "MLmodel"];

async function filesToPut(): Promise<AsyncDisposable & { readonly folder: string; readonly content: Buffer }> {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-put-"));
  const content = randomBytes(3_000_000);
  await mkdir(join(folder, "d/e"), { recursive: true });
  for (const name of names) await writeFile(join(folder, name), content);
  return { folder, content, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

function code(error: unknown): string {
  return isTrimaranError(error) ? error.code : String(error);
}

test("files go through a server that asks for an account, streamed and in parts", async () => {
  await using server = await accessServer();
  await using files = await filesToPut();
  const url = `http://127.0.0.1:${server.port}`;
  const env = { MLFLOW_TRACKING_URI: url, MLFLOW_TRACKING_USERNAME: "admin", MLFLOW_TRACKING_PASSWORD: adminPassword };
  const tracking = await openTrackingClient({ env, maxRetries: 0 });
  const location = "mlflow-artifacts:/0/run/artifacts/model";
  await putFiles(tracking, { location, folder: files.folder, names, env });
  for (const name of names) {
    const path = join(server.artifacts, "0/run/artifacts/model", name);
    assert.ok((await readFile(path)).equals(files.content), name);
  }
  const parts = { partsFromBytes: 1, partBytes: 1_000_000 };
  await putArtifact(tracking, { path: "0/run/artifacts/parts.bin", file: join(files.folder, "a.bin") }, parts);
  assert.ok((await readFile(join(server.artifacts, "0/run/artifacts/parts.bin"))).equals(files.content));
  await assert.rejects(
    putFiles(tracking, {
      location: "mlflow-artifacts:/0/run/artifacts/a.bin",
      folder: files.folder,
      names: ["../x"],
      env,
    }),
    (error) => code(error) === "MODEL_URI",
  );
  await putFiles(tracking, {
    location: "mlflow-artifacts:/0/run/artifacts",
    folder: files.folder,
    names: ["a.bin"],
    env,
  });
  await assert.rejects(
    putFiles(tracking, {
      location: "mlflow-artifacts:/0/run/artifacts/a.bin",
      folder: files.folder,
      names: ["MLmodel"],
      env,
    }),
    (error) => code(error) === "BLOB_CONFLICT",
  );
  await tracking.close();
  const wrong = { ...env, MLFLOW_TRACKING_PASSWORD: "not-the-password" };
  const denied = await openTrackingClient({ env: wrong, maxRetries: 0 });
  await assert.rejects(putFiles(denied, { location, folder: files.folder, names, env: wrong }), (error) => {
    assert.ok(isTrimaranError(error) && !`${error.message}${error.stack}`.includes("not-the-password"));
    return error.code === "TRACKING_DENIED";
  });
  await denied.close();
});

test("files go to S3 without the server, and its refusals hold no secret", { skip: skipS3 }, async () => {
  await using gateway = await s3Gateway();
  await using files = await filesToPut();
  const tracking = await openTrackingClient({ env: {}, home: join(files.folder, "home"), createsStore: true });
  const put = (location: string, env: Readonly<Record<string, string>>): Promise<void> =>
    putFiles(tracking, { location, folder: files.folder, names, env });
  await put("s3://artifacts/1/run/artifacts/model", gateway.env);
  for (const name of names) {
    assert.ok((await readFile(join(gateway.data, "1/run/artifacts/model", name))).equals(files.content), name);
  }
  const wrong = { ...gateway.env, AWS_SECRET_ACCESS_KEY: `${s3Secret}-wrong` };
  await assert.rejects(put("s3://artifacts/x", wrong), (error) => {
    assert.ok(isTrimaranError(error) && !`${error.message}${error.fix}${error.stack}`.includes(s3Secret));
    return error.code === "BLOB_DENIED";
  });
  await assert.rejects(put("s3://no-such-bucket/x", gateway.env), (error) => code(error) === "BLOB_BUCKET");
  await tracking.close();
});

test("files go to a folder whole or not at all", async () => {
  await using files = await filesToPut();
  const target = join(files.folder, "target");
  const tracking = await openTrackingClient({ env: {}, home: join(files.folder, "home"), createsStore: true });
  await putFiles(tracking, { location: `file://${target}`, folder: files.folder, names, env: {} });
  assert.deepEqual((await readdir(target)).sort(), ["MLmodel", "a.bin", "d"]);
  await assert.rejects(
    putFiles(tracking, { location: join(target, "a.bin"), folder: files.folder, names, env: {} }),
    (error) => code(error) === "FILE_NOT_WRITABLE",
  );
  await tracking.close();
});

test("an upload that breaks or is refused for now is tried again from its beginning", async () => {
  await using files = await filesToPut();
  let tries = 0;
  const received: number[] = [];
  const server = createServer(async (request, response) => {
    tries++;
    if (tries === 1) {
      request.once("data", () => request.socket.destroy());
      return;
    }
    let bytes = 0;
    for await (const chunk of request) bytes += (chunk as Buffer).length;
    received.push(bytes);
    response.writeHead(tries === 2 ? 503 : tries === 4 ? 507 : 200).end("{}");
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const env = { MLFLOW_TRACKING_URI: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  const tracking = await openTrackingClient({ env, maxRetries: 3 });
  try {
    await putArtifact(tracking, { path: "1/r/artifacts/x", file: join(files.folder, "a.bin") });
    assert.deepEqual(received, [3_000_000, 3_000_000]);
    await assert.rejects(
      putArtifact(tracking, { path: "1/r/artifacts/x", file: join(files.folder, "a.bin") }),
      (error) => code(error) === "BLOB_FULL",
    );
    assert.equal(tries, 4);
  } finally {
    await tracking.close();
    server.closeAllConnections();
    server.close();
  }
});
