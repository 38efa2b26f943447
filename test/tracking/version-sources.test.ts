// Where a version may point: at what lies inside the run that it names, however that is written, and nowhere else.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { trackingServer } from "./tracking-server.ts";

const api = "/api/2.0/mlflow";

test("a folder as the root: its runs' paths are sources with their run, in every form, and no others are", async () => {
  const folder = await mkdtemp(join(tmpdir(), "trimaran roots-"));
  try {
    await using server = await trackingServer({ defaultArtifactRoot: pathToFileURL(folder).href });
    const made = await server.ask("POST", `${api}/runs/create`, { experiment_id: "0" });
    const { info } = made.json["run"] as { info: { run_id: string; artifact_uri: string } };
    const { run_id, artifact_uri: root } = info;
    assert.ok(root.startsWith(pathToFileURL(folder).href), root);
    const plain = decodeURIComponent(root.slice("file://".length));
    await server.ask("POST", `${api}/registered-models/create`, { name: "m" });
    const create = async (source: string, run?: string): Promise<readonly [number, string]> => {
      const answer = await server.ask("POST", `${api}/model-versions/create`, { name: "m", source, run_id: run });
      return [answer.status, String(answer.json["message"] ?? "")];
    };
    for (const source of [root, plain, `${root}/model`, `${root}/.`, `${root}/model/..`, `${plain}/a/../b`]) {
      assert.deepEqual(await create(source, run_id), [200, ""], source);
    }
    const local = "To use a local path as a model version";
    const climbing = "If supplying a source as an http, https,";
    for (const [source, run, words] of [
      [root, undefined, local],
      [plain, undefined, local],
      ["/tmp", run_id, local],
      ["file:///tmp", undefined, local],
      ["file://192.0.2.1/path", run_id, local],
      [`${root}/..`, run_id, local],
      [`${root}/../../..`, run_id, local],
      [`${root}/%2e%2e/%2e%2e`, run_id, local],
      [`${root}/%252e%252e`, run_id, local],
      [`${root}-more`, run_id, local],
      ["path/to/model", run_id, local],
      ["mlflow-artifacts://host:9000/models/../../../", run_id, climbing],
      ["http://host:9000/models/../../../", run_id, climbing],
      ["s3a://bucket/a/../../../", run_id, climbing],
      ["mlflow-artifacts://host:9000/models/..%2f..%2fartifacts", run_id, climbing],
      ["mlflow-artifacts://host:9000/models/artifact%00", run_id, climbing],
      ["mlflow-artifacts://host:9000/models", undefined, "Invalid model version source"],
    ] as const) {
      const [status, message] = await create(source, run);
      assert.equal(status, 400, source);
      assert.ok(message.includes(words), `${source}: ${message}`);
    }
    const told = await server.ask("GET", `${api}/model-versions/get-download-uri?name=m&version=6`);
    assert.equal(told.json["artifact_uri"], `${root}/b`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("a root by this server's own URL: files below it are listed and read here, too", async () => {
  const root = "http://127.0.0.1:1/api/2.0/mlflow-artifacts/artifacts";
  await using server = await trackingServer({ defaultArtifactRoot: root });
  const made = await server.ask("POST", `${api}/runs/create`, { experiment_id: "0" });
  const { info } = made.json["run"] as { info: { run_id: string; artifact_uri: string } };
  assert.equal(info.artifact_uri, `${root}/0/${info.run_id}/artifacts`);
  const path = new URL(info.artifact_uri).pathname;
  assert.equal((await server.ask("PUT", `${path}/d/a.txt`, "hello")).status, 200);
  const listed = await server.ask("GET", `${api}/artifacts/list?run_id=${info.run_id}&path=d`);
  assert.deepEqual(listed.json["files"], [{ path: "d/a.txt", is_dir: false, file_size: 5 }]);
  assert.equal((await server.ask("GET", `/get-artifact?run_id=${info.run_id}&path=d/a.txt`)).text, "hello");
});
