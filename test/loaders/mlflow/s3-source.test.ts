// Artifacts in S3 as the AWS SDK asks for them: requests are signed, and faults are told without keys.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { fetchModel } from "../../../src/loaders/mlflow/fetch-model.ts";

const content = "a model in a bucket, long enough to be cut";
const listing = `<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>exp/RUN/artifacts/model/MLmodel</Key><Size>${content.length}</Size><ETag>"x"</ETag></Contents></ListBucketResult>`;

test("a model is read from a bucket without any tracking server, resumed where it broke, and kept", async () => {
  const home = await mkdtemp(join(tmpdir(), "trimaran-s3-"));
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    assert.match(request.headers.authorization ?? "", /^AWS4-HMAC-SHA256 Credential=key\//);
    if (request.url?.includes("list-type=2")) return void response.end(listing);
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    ranges.push(request.headers.range);
    response.writeHead(from === 0 ? 200 : 206, { "content-length": content.length - from });
    if (from === 0) response.write(content.slice(0, 10), () => request.socket.destroy());
    else response.end(content.slice(from));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  const keys = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "s3cret-key" };
  const env = { ...keys, MLFLOW_S3_ENDPOINT_URL: `http://127.0.0.1:${port}`, HOME: home };
  const notices: string[] = [];
  const options = { home, env, onNotice: (notice: string) => void notices.push(notice) };
  try {
    const uri = "s3://bucket/exp/RUN/artifacts/model";
    const { path } = await fetchModel(uri, options);
    assert.equal(await readFile(join(path, "MLmodel"), "utf8"), content);
    assert.deepEqual(ranges, [undefined, "bytes=10-"]);
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    assert.equal((await fetchModel(uri, options)).path, path);
    assert.doesNotMatch(notices.join(), /s3cret-key/);
    await assert.rejects(fetchModel("s3://bucket/other", options), (error) => {
      assert.ok(isTrimaranError(error));
      assert.equal(error.code, "BLOB_STORE");
      assert.doesNotMatch(`${error.message}${error.stack}${String(error.cause)}`, /s3cret-key/);
      return true;
    });
  } finally {
    server.closeAllConnections();
    server.close();
    await rm(home, { recursive: true, force: true });
  }
});
