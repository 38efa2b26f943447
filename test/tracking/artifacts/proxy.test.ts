// The artifact proxy over a folder and over S3: what clients send and get, in parts too.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { TestServer } from "../tracking-server.ts";
import { api, artifactKinds, newRun, proxy } from "./artifact-kinds.ts";

for (const { name, skip, open } of artifactKinds) {
  test(`${name}: a file is given whole, in part, or not at all when the client has it`, { skip }, async () => {
    await using server = await open();
    const path = `${proxy}/1/run/artifacts/d/${encodeURIComponent("a b é+%41.txt")}`;
    assert.equal((await server.ask("PUT", path, "0123456789")).status, 200);
    const whole = await server.ask("GET", path);
    assert.equal(whole.text, "0123456789");
    assert.equal(whole.headers["content-length"], "10");
    assert.equal(whole.headers["accept-ranges"], "bytes");
    assert.match(String(whole.headers["content-disposition"]), /filename\*=UTF-8''a%20b%20%C3%A9%2B%2541\.txt$/);
    const etag = String(whole.headers["etag"]);
    const head = await server.ask("HEAD", path);
    assert.deepEqual(
      [head.status, head.text, head.headers["content-length"], head.headers["etag"]],
      [200, "", "10", etag],
    );
    const ranges: readonly (readonly [string, number, string, string?])[] = [
      ["bytes=0-3", 206, "0123", "bytes 0-3/10"],
      ["bytes=4-", 206, "456789", "bytes 4-9/10"],
      ["bytes=-3", 206, "789", "bytes 7-9/10"],
      ["bytes=-30", 206, "0123456789", "bytes 0-9/10"],
      ["bytes=8-100", 206, "89", "bytes 8-9/10"],
      ["bytes=10-", 416, "", "bytes */10"],
      ["bytes=-0", 416, "", "bytes */10"],
      ["bytes=5-2", 200, "0123456789"],
      ["bytes=0-1,3-4", 200, "0123456789"],
      ["lines=0-1", 200, "0123456789"],
    ];
    for (const [range, status, text, told] of ranges) {
      const part = await server.ask("GET", path, undefined, { range });
      assert.deepEqual([part.status, part.text, part.headers["content-range"]], [status, text, told], range);
    }
    const same = { range: "bytes=2-3", "if-range": etag };
    assert.equal((await server.ask("GET", path, undefined, same)).text, "23");
    assert.equal((await server.ask("GET", path, undefined, { ...same, "if-range": '"other"' })).status, 200);
    assert.equal((await server.ask("GET", path, undefined, { "if-none-match": `"x", ${etag}` })).status, 304);
    assert.equal((await server.ask("PUT", path, "changed")).status, 200);
    assert.equal((await server.ask("GET", path, undefined, { "if-none-match": etag })).text, "changed");
    assert.equal((await server.ask("GET", path, undefined, { ...same, range: "bytes=2-3" })).status, 200);
    const none = await server.ask("GET", `${proxy}/1/run/artifacts/none`);
    assert.deepEqual([none.status, none.json["error_code"]], [404, "RESOURCE_DOES_NOT_EXIST"]);
    assert.equal((await server.ask("HEAD", `${proxy}/1/run/artifacts/none`)).status, 404);
    assert.equal((await server.ask("GET", `${proxy}/1/run/artifacts/d`)).status, 404);
    const empty = `${proxy}/1/run/artifacts/empty`;
    assert.equal((await server.ask("PUT", empty, "")).status, 200);
    assert.equal((await server.ask("GET", empty)).text, "");
    assert.equal((await server.ask("GET", empty, undefined, { range: "bytes=0-" })).status, 416);
  });

  test(`${name}: listings and deletions mean what the client means`, { skip }, async () => {
    await using server = await open();
    const run = await newRun(server);
    const root = `0/${run}/artifacts`;
    for (const path of ["b.txt", "d/x", "d/e/y"]) await server.ask("PUT", `${proxy}/${root}/${path}`, path);
    const list = async (path: string): Promise<unknown> =>
      (await server.ask("GET", `${proxy}?path=${path}`)).json["files"];
    assert.deepEqual(await list(root), [
      { path: "b.txt", is_dir: false, file_size: 5 },
      { path: "d", is_dir: true },
    ]);
    assert.equal(await list(`${root}/b.txt`), undefined);
    assert.equal(await list(`${root}/none`), undefined);
    const { json } = await server.ask("GET", `${api}/artifacts/list?run_id=${run}&path=d`);
    assert.equal(json["root_uri"], `mlflow-artifacts:/${root}`);
    assert.deepEqual(json["files"], [
      { path: "d/e", is_dir: true },
      { path: "d/x", is_dir: false, file_size: 3 },
    ]);
    assert.equal((await server.ask("DELETE", `${proxy}/${root}/d`)).status, 200);
    assert.equal((await server.ask("DELETE", `${proxy}/${root}/d`)).status, 200);
    assert.deepEqual(await list(root), [{ path: "b.txt", is_dir: false, file_size: 5 }]);
    for (const path of ["", ".", "%2e", "./", "0", `0/${run}`, "0/models", "%252e", "..%2f0"]) {
      const { status } = await server.ask("DELETE", `${proxy}/${path}`);
      assert.ok(status === 400 || status === 404 || status === 405, `DELETE ${path}: ${status}`);
    }
    assert.deepEqual(await list(root), [{ path: "b.txt", is_dir: false, file_size: 5 }]);
  });

  test(`${name}: an upload in parts arrives whole, a wrong or given up one leaves nothing`, { skip }, async () => {
    await using server = await open();
    const folder = "1/run/artifacts/model";
    const mpu = (step: string, body: unknown): ReturnType<TestServer["ask"]> =>
      server.ask("POST", `/api/2.0/mlflow-artifacts/mpu/${step}/${folder}`, body);
    const sizes = [5 * 2 ** 20, 5 * 2 ** 20, 7];
    const begun = await mpu("create", { path: "/home/me/big.bin", num_parts: 3 });
    assert.equal(begun.status, 200, begun.text);
    const { upload_id, credentials } = begun.json as {
      upload_id: string;
      credentials: { url: string; part_number: number; headers?: Record<string, string> }[];
    };
    assert.deepEqual(
      credentials.map(({ part_number }) => part_number),
      [1, 2, 3],
    );
    const parts: { part_number: number; etag: string; url: string }[] = [];
    for (const { url, part_number, headers = {} } of [...credentials].reverse()) {
      const body = Buffer.alloc(sizes[part_number - 1] ?? 0, part_number);
      const put = await fetch(url, { method: "PUT", body, headers });
      assert.equal(put.status, 200);
      parts.unshift({ part_number, etag: put.headers.get("etag") ?? "", url });
    }
    const file = `${proxy}/${folder}/big.bin`;
    assert.equal((await server.ask("GET", file)).status, 404);
    const wrong = parts.map((part) => ({ ...part, etag: `"${"0".repeat(32)}"` }));
    assert.equal((await mpu("complete", { path: "big.bin", upload_id, parts: wrong })).status, 400);
    assert.equal((await mpu("complete", { path: "other.bin", upload_id, parts })).status, 400);
    assert.equal((await mpu("complete", { path: "big.bin", upload_id, parts })).status, 200);
    const head = await server.ask("HEAD", file);
    assert.equal(head.headers["content-length"], String(10 * 2 ** 20 + 7));
    const tail = await server.ask("GET", file, undefined, { range: `bytes=${10 * 2 ** 20 - 1}-` });
    assert.deepEqual([...Buffer.from(tail.text)], [2, 3, 3, 3, 3, 3, 3, 3]);
    const second = await mpu("create", { path: "gone.bin", num_parts: 1 });
    const { upload_id: gone, credentials: given } = second.json as typeof begun.json & {
      upload_id: string;
      credentials: { url: string }[];
    };
    assert.equal((await mpu("abort", { path: "gone.bin", upload_id: gone })).status, 200);
    assert.ok((await fetch(given[0]?.url ?? "", { method: "PUT", body: "x" })).status >= 400);
    assert.equal((await server.ask("GET", `${proxy}/${folder}/gone.bin`)).status, 404);
    for (const num_parts of [0, -1, 10_001]) assert.equal((await mpu("create", { path: "x", num_parts })).status, 400);
    for (const path of ["", "..", "a/..", "x\\..", "a\u0000b"]) {
      assert.equal((await mpu("create", { path, num_parts: 1 })).status, 400, path);
    }
  });

  test(`${name}: a URL that was signed reads or writes that one file, until it expires`, { skip }, async () => {
    await using server = await open();
    const run = await newRun(server);
    const up = await server.ask("POST", `${api}/artifacts/presigned-upload-url`, { run_id: run, path: "d/a b.txt" });
    assert.equal(up.status, 200, up.text);
    const url = String(up.json["presigned_url"]);
    assert.equal((await fetch(url, { method: "PUT", body: "signed" })).status, 200);
    assert.equal((await server.ask("GET", `/get-artifact?run_id=${run}&path=d/a%20b.txt`)).text, "signed");
    assert.equal((await fetch(url)).status, 403);
    assert.equal((await fetch(url.replace("a%20b", "a%20c"), { method: "PUT", body: "x" })).status, 403);
    assert.equal((await fetch(url.replace(/[Ee]xpires=\d+/, "$&0"), { method: "PUT", body: "x" })).status, 403);
    const down = await server.ask("POST", `${api}/artifacts/presigned-download-url`, {
      run_id: run,
      path: "d/a b.txt",
    });
    assert.deepEqual(down.json["file_size"], 6);
    const part = await fetch(String(down.json["presigned_url"]), { headers: { range: "bytes=1-2" } });
    assert.deepEqual([part.status, await part.text()], [206, "ig"]);
    const proxied = await server.ask("GET", `/api/2.0/mlflow-artifacts/presigned/0/${run}/artifacts/d/a%20b.txt`);
    assert.equal(await (await fetch(String(proxied.json["url"]))).text(), "signed");
    const bad = [
      { run_id: run, path: "none" },
      { run_id: run, path: "../x" },
      { run_id: run, path: "d/a b.txt", expiration: 700_000 },
      { run_id: "nobody", path: "x" },
    ];
    for (const body of bad) {
      const { status } = await server.ask("POST", `${api}/artifacts/presigned-download-url`, body);
      assert.ok(status === 400 || status === 404, JSON.stringify(body));
    }
    const both = { run_id: run, model_id: "m-1", path: "x" };
    assert.equal((await server.ask("POST", `${api}/artifacts/presigned-upload-url`, both)).status, 400);
  });

  test(`${name}: what is cut half way, or is not what was announced, leaves nothing`, { skip }, async () => {
    await using server = await open({ maxArtifactBytes: 50_000_000 });
    const path = `${proxy}/1/run/artifacts/x`;
    const sha256 = (text: string): string => createHash("sha256").update(text).digest("base64");
    const md5 = (text: string): string => createHash("md5").update(text).digest("base64");
    const wrong: readonly Readonly<Record<string, string>>[] = [
      { "content-digest": `sha-256=:${sha256("other")}:` },
      { "repr-digest": `sha-512=:xx:, sha-256=:${sha256("other")}:` },
      { "content-md5": md5("other") },
      { "content-md5": "nonsense" },
    ];
    for (const headers of wrong) {
      assert.equal((await server.ask("PUT", path, "content", headers)).status, 400, JSON.stringify(headers));
      assert.equal((await server.ask("GET", path)).status, 404);
    }
    assert.equal(
      (await server.ask("PUT", path, "x", { "content-length": "60000000" }).catch(() => null))?.status ?? 400,
      400,
    );
    for (const length of ["content-length: 30000000", "transfer-encoding: chunked"]) {
      const socket = connect(server.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write(`PUT ${path} HTTP/1.1\r\nhost: localhost\r\n${length}\r\n\r\n`);
      const chunk = Buffer.alloc(9 * 2 ** 20);
      socket.write(length.startsWith("t") ? `${chunk.length.toString(16)}\r\n` : "");
      await new Promise((sent) => socket.write(chunk, sent));
      socket.destroy();
      await wait(100);
      assert.equal((await server.ask("GET", path)).status, 404, length);
    }
    assert.equal(
      (await server.ask("PUT", path, "content", { "content-digest": `sha-256=:${sha256("content")}:` })).status,
      200,
    );
    assert.equal((await server.ask("GET", path)).text, "content");
  });
}

test("without --serve-artifacts clients are told where to go, and a shared folder is still listed", async () => {
  const { mkdtemp, rm, mkdir, writeFile } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const shared = await mkdtemp(join(tmpdir(), "trimaran-shared-"));
  try {
    await using server = (await artifactKinds[0]?.open({
      servesArtifacts: false,
      defaultArtifactRoot: shared,
    })) as TestServer;
    for (const [method, path] of [
      ["GET", `${proxy}/1/x`],
      ["PUT", `${proxy}/1/x`],
      ["GET", `${proxy}?path=`],
      ["DELETE", `${proxy}/1/r/artifacts/x`],
    ] as const) {
      const { status, json } = await server.ask(method, path, method === "PUT" ? "x" : undefined);
      assert.deepEqual([status, json["error_code"]], [501, "NOT_IMPLEMENTED"], `${method} ${path}`);
    }
    const { json } = await server.ask("POST", `${api}/runs/create`, { experiment_id: "0", start_time: 1 });
    const { run_id, artifact_uri } = (json["run"] as { info: { run_id: string; artifact_uri: string } }).info;
    assert.equal(artifact_uri, `${shared}/0/${run_id}/artifacts`);
    await mkdir(artifact_uri, { recursive: true });
    await writeFile(join(artifact_uri, "direct.txt"), "written by the client");
    assert.equal(
      (await server.ask("GET", `/get-artifact?run_id=${run_id}&path=direct.txt`)).text,
      "written by the client",
    );
    assert.equal((await server.ask("GET", `/get-artifact?run_id=${run_id}&path=../../x`)).status, 400);
    assert.ok(!existsSync(server.artifacts));
  } finally {
    await rm(shared, { recursive: true, force: true });
  }
});

test("with --artifacts-only nothing but artifacts is answered", async () => {
  await using server = (await artifactKinds[0]?.open({ isArtifactsOnly: true })) as TestServer;
  assert.equal((await server.ask("PUT", `${proxy}/1/r/artifacts/x`, "x")).status, 200);
  assert.equal((await server.ask("GET", `${proxy}/1/r/artifacts/x`)).text, "x");
  assert.equal((await server.ask("GET", "/health")).status, 200);
  for (const path of [
    `${api}/experiments/get?experiment_id=0`,
    "/get-artifact?run_id=x&path=y",
    `${api}/registered-models/search`,
  ]) {
    assert.equal((await server.ask("GET", path)).status, 501, path);
  }
});

test("locations in S3 are read only below the operator's root", { skip: artifactKinds[1]?.skip ?? false }, async () => {
  const { s3Gateway } = await import("../../io/blobs/s3-gateway.ts");
  await using gateway = await s3Gateway();
  const { trackingServer } = await import("../tracking-server.ts");
  await using server = await trackingServer({ defaultArtifactRoot: "s3://artifacts/root", env: gateway.env });
  const { json } = await server.ask("POST", `${api}/runs/create`, { experiment_id: "0", start_time: 1 });
  const { run_id, artifact_uri } = (json["run"] as { info: { run_id: string; artifact_uri: string } }).info;
  assert.equal(artifact_uri, `s3://artifacts/root/0/${run_id}/artifacts`);
  const up = await server.ask("POST", `${api}/artifacts/presigned-upload-url`, { run_id, path: "a.txt" });
  assert.equal((await fetch(String(up.json["presigned_url"]), { method: "PUT", body: "direct" })).status, 200);
  assert.equal((await server.ask("GET", `/get-artifact?run_id=${run_id}&path=a.txt`)).text, "direct");
  for (const artifact_location of [
    "s3://artifacts/rootless",
    "s3://artifacts",
    "s3://other/x",
    "s3://artifacts/root2/x",
  ]) {
    const made = await server.ask("POST", `${api}/experiments/create`, { name: artifact_location, artifact_location });
    const run = await server.ask("POST", `${api}/runs/create`, {
      experiment_id: made.json["experiment_id"],
      start_time: 1,
    });
    const { run_id: other } = (run.json["run"] as { info: { run_id: string } }).info;
    assert.equal((await server.ask("GET", `/get-artifact?run_id=${other}&path=a.txt`)).status, 400, artifact_location);
  }
});
