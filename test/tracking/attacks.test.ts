// What a hostile client sends: it gets a refusal, quickly, and changes nothing.
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { trackingServer } from "./tracking-server.ts";

const api = "/api/2.0/mlflow";
const proxy = "/api/2.0/mlflow-artifacts/artifacts";

test("paths that climb, are absolute or mean everything are refused for every method of the artifact proxy", async () => {
  await using server = await trackingServer();
  const kept = `${proxy}/1/run/artifacts/kept.txt`;
  assert.equal((await server.ask("PUT", kept, "kept")).status, 200);
  const paths = [
    "../x", "a/../../x", "%2e%2e/x", "%252e%252e%252fx", "..%5cx", "a%5c..%5cb", "C:/x", "C:%5cx", "/etc/passwd", "%2Fetc/passwd", "file:/etc",
    ".", "a/.", "./a", "a//b", "a%00b", "a%0Ab", "a%23b", "a%3Fb", "%20", ".trimaran/x",
  ]; // biome-ignore format: a list
  for (const path of paths) {
    for (const method of ["GET", "PUT", "DELETE"]) {
      const { status, json } = await server.ask(method, `${proxy}/${path}`, method === "PUT" ? "x" : undefined);
      assert.ok(status === 400 || status === 404, `${method} ${path}: ${status}`);
      assert.ok(json["error_code"] !== undefined, `${method} ${path}`);
    }
    const listed = await server.ask("GET", `${proxy}?path=${path.replaceAll("#", "%23")}`);
    assert.equal(listed.status, 400, `list ${path}: ${listed.text}`);
  }
  for (const path of ["1", "1/run", ""]) {
    const { status } = await server.ask("DELETE", `${proxy}/${path}`);
    assert.ok(status === 400 || status === 404, `DELETE ${path}: ${status}`);
  }
  assert.equal((await server.ask("GET", kept)).text, "kept");
  assert.deepEqual(readdirSync(server.artifacts).sort(), [".trimaran", "1"]);
  assert.deepEqual(readdirSync(join(server.artifacts, ".trimaran", "uploads")), []);
  assert.equal((await server.ask("DELETE", kept)).status, 200);
  assert.equal((await server.ask("GET", kept)).status, 404);
});

test("links in the artifact folder lead nowhere", async () => {
  await using server = await trackingServer();
  await writeFile(join(server.folder, "secret"), "secret");
  await mkdir(join(server.artifacts, "1"), { recursive: true });
  await symlink(server.folder, join(server.artifacts, "1", "out"));
  await symlink(join(server.folder, "secret"), join(server.artifacts, "1", "file"));
  for (const path of ["1/out/secret", "1/file"]) {
    assert.equal((await server.ask("GET", `${proxy}/${path}`)).status, 404, path);
    assert.equal((await server.ask("PUT", `${proxy}/${path}`, "x")).status, 409, path);
  }
  assert.equal((await server.ask("PUT", `${proxy}/1/out/new`, "x")).status, 409);
  assert.ok(!existsSync(join(server.folder, "new")));
  assert.deepEqual((await server.ask("GET", `${proxy}?path=1`)).json, {});
});

test("locations and sources outside of what the server keeps are refused", async () => {
  await using server = await trackingServer();
  const locations = [
    "file:///etc", "/etc", "../../etc", "dbfs:/x", "http://host/;../x", "http://host/?/../../etc", "mlflow-artifacts:/../..", "mlflow-artifacts:/%2e%2e/x",
    "runs:/x", "s3://b/x#../..", "C:\\x", "  ", "ftp://x/y",
  ]; // biome-ignore format: a list
  for (const [index, artifact_location] of locations.entries()) {
    const { status, json } = await server.ask("POST", `${api}/experiments/create`, {
      name: `e${index}`,
      artifact_location,
    });
    assert.equal(status, 400, artifact_location);
    assert.equal(json["error_code"], "INVALID_PARAMETER_VALUE", artifact_location);
  }
  await server.ask("POST", `${api}/registered-models/create`, { name: "m" });
  const sources = [
    "/etc", "file:///etc", "//proc/self/root", "file://./etc", "http://x/a;../b", "mlflow-artifacts:/../../etc", "http://x/../../etc", "../../../etc", "models:/../x",
    "http://169.254.169.254/x",
  ]; // biome-ignore format: a list
  for (const source of sources) {
    const { status } = await server.ask("POST", `${api}/model-versions/create`, { name: "m", source });
    assert.equal(status, 400, source);
    const tags = [{ key: "mlflow.prompt.is_prompt", value: "true" }];
    const prompt = await server.ask("POST", `${api}/model-versions/create`, { name: "m", source, tags });
    const { version } = (prompt.json["model_version"] ?? {}) as { version?: string };
    const read = await server.ask("GET", `/model-versions/get-artifact?name=m&version=${version}&path=hostname`);
    assert.equal(read.status, 400, `prompt ${source}`);
  }
});

test("foreign hosts and origins are refused, those of this network are answered", async () => {
  await using server = await trackingServer();
  const hosts: readonly (readonly [string, number])[] = [
    ["localhost", 200], ["127.0.0.1:1", 200], ["[::1]:5000", 200], ["host.docker.internal:5001", 200], ["192.168.1.5", 200], ["172.31.0.1:5000", 200],
    ["evil.com", 403], ["8.8.8.8", 403], ["localhost.evil.com", 403], ["172.32.0.1", 403], ["127.0.0.1.evil.com", 403], ["10.0.0.1.evil.com:80", 403],
  ]; // biome-ignore format: a list
  for (const [host, status] of hosts) {
    assert.equal(
      (await server.ask("GET", `${api}/experiments/get?experiment_id=0`, undefined, { host })).status,
      status,
      host,
    );
  }
  const origins: readonly (readonly [string, number])[] = [
    ["http://localhost:3000", 200], ["http://127.0.0.1", 200], ["null", 403], ["https://evil.com", 403], ["https://localhost.evil.com", 403], ["http://192.168.1.5", 403],
  ]; // biome-ignore format: a list
  for (const [origin, status] of origins) {
    const answer = await server.ask("POST", `${api}/runs/search`, { experiment_ids: ["0"] }, { origin });
    assert.equal(answer.status, status, origin);
    assert.equal((await server.ask("PUT", `${proxy}/1/x/artifacts/y`, "y", { origin })).status, status, origin);
  }
  assert.equal((await server.ask("GET", "/health", undefined, { host: "evil.com" })).text, "OK");
});

test("bodies and filters that would cost much are refused at once", async () => {
  await using server = await trackingServer();
  const search = (filter: string): Promise<{ readonly status: number }> =>
    server.ask("POST", `${api}/runs/search`, { experiment_ids: ["0"], filter });
  const started = performance.now();
  const type = { "content-type": "application/json" };
  const deep = await server.ask(
    "POST",
    `${api}/runs/search`,
    `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
    type,
  );
  assert.equal(deep.status, 400);
  const filters = [
    Array(5000).fill("params.a = '1'").join(" and "),
    Array(101).fill("metrics.a > 1").join(" and "),
    "'".repeat(15_000),
    `${"(".repeat(10_000)}`,
    `params.a LIKE '${"%a".repeat(5000)}'`,
    `run_id IN (${Array(1001).fill("'x'").join(",")})`,
    `params.${"a.".repeat(9000)} = 'x'`,
    "constructor = 'x'",
    "__proto__ = 'x'",
    "tags.a = 'x'; DROP TABLE runs",
  ];
  for (const filter of filters) assert.equal((await search(filter)).status, 400, filter.slice(0, 50));
  assert.ok(performance.now() - started < 5000);
  assert.equal((await search("tags.`a'; DROP TABLE runs --` = 'x\" OR 1=1'")).status, 200);
  assert.equal((await search(Array(100).fill("params.a = '1'").join(" and "))).status, 200);
  for (const order of ["__proto__", "constructor DESC", "start_time; DROP TABLE runs", "(SELECT 1)", "tags.`x"]) {
    const { status } = await server.ask("POST", `${api}/runs/search`, { experiment_ids: ["0"], order_by: [order] });
    assert.equal(status, 400, order);
  }
});

test("what is no sound request is answered in the protocol's shape, never with 5xx", async () => {
  await using server = await trackingServer();
  const type = { "content-type": "application/json" };
  const bodies = [
    "",
    "[]",
    "null",
    "{",
    '"x"',
    "1",
    "\u0000",
    '{"run_id":{}}',
    '{"run_id":1e999}',
    '{"__proto__":{"run_id":"x"}}',
  ];
  const paths = [
    "runs/create",
    "runs/search",
    "runs/log-batch",
    "experiments/create",
    "experiments/search",
    "registered-models/create",
    "model-versions/create",
    "logged-models/search",
  ];
  for (const path of paths) {
    for (const body of bodies) {
      const { status, json } = await server.ask("POST", `${api}/${path}`, body, type);
      assert.ok(status < 500, `${path} ${body}: ${status}`);
      if (status !== 200) assert.equal(typeof json["error_code"], "string", `${path} ${body}`);
    }
    assert.equal((await server.ask("POST", `${api}/${path}`, "{}", { "content-type": "text/plain" })).status, 400);
    assert.equal((await server.ask("PUT", `${api}/${path}`, "{}", type)).status, 405);
  }
  assert.equal((await server.ask("GET", `${api}/experiments/get?experiment_id=x`)).status, 404);
  assert.equal((await server.ask("GET", `${api}/nothing`)).json["error_code"], "ENDPOINT_NOT_FOUND");
  const big = { run_id: "r", key: "k", value: 1, timestamp: 1, step: 2 ** 62 };
  assert.equal((await server.ask("POST", `${api}/runs/log-metric`, big)).status, 400);
});
