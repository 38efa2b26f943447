// gRPC of a real `trimaran serve`: raw tensors, keys, deadlines, limits; a worker that is killed; a stop under load.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { status } from "@grpc/grpc-js";
import { grpcClient, rideRequest, type ServedGrpc, serveGrpc } from "./serve-grpc.ts";

const example = fileURLToPath(new URL("../../../../examples/ride-duration", import.meta.url));

describe("gRPC", () => {
  let server: ServedGrpc;
  before(async () => {
    server = await serveGrpc([example, "--body-limit", "64KiB"]);
  });
  after(() => server[Symbol.asyncDispose]());

  test("answers with contents as it was asked, with raw bytes where bytes came", async () => {
    using client = grpcClient(server.grpcPort);
    const { code, message, metadata } = await client.call("ModelInfer", rideRequest(), {
      metadata: { "x-prediction-id": "p-1", "x-request-id": "r-1" },
    });
    assert.equal(code, status.OK);
    const [output] = message.outputs;
    assert.deepEqual([message.id, message.model_version, output.name], ["a", "1", "duration"]);
    assert.deepEqual([metadata?.get("x-prediction-id"), metadata?.get("x-request-id")], [["p-1"], ["r-1"]]);
    const raw = Buffer.from(new Float64Array([10, 50, 40]).buffer);
    const matrix = { name: "input-0", datatype: "FP64", shape: [1, 3] };
    const answer = await client.call("ModelInfer", {
      model_name: "ride-duration",
      inputs: [matrix],
      raw_input_contents: [raw],
    });
    assert.equal(answer.message.raw_output_contents[0].readDoubleLE(0), output.contents.fp64_contents[0]);
    assert.equal(answer.message.outputs[0].contents, null);
  });

  test("refuses with the code that says whose fault it is", async () => {
    using client = grpcClient(server.grpcPort);
    const codes = async (message: object): Promise<status> => (await client.call("ModelInfer", message)).code;
    assert.equal(await codes({ ...rideRequest(), model_name: "nope" }), status.NOT_FOUND);
    assert.equal(await codes({ ...rideRequest(), model_name: "" }), status.NOT_FOUND);
    assert.equal(await codes({ ...rideRequest(), model_version: "9" }), status.NOT_FOUND);
    assert.equal(await codes({ model_name: "ride-duration" }), status.INVALID_ARGUMENT);
    assert.equal(await codes(rideRequest(-1)), status.INVALID_ARGUMENT);
    assert.equal(await codes({ ...rideRequest(), outputs: [{ name: "x" }] }), status.INVALID_ARGUMENT);
    assert.equal(await codes({ ...rideRequest(), raw_input_contents: [Buffer.alloc(3)] }), status.INVALID_ARGUMENT);
    const large = { ...rideRequest(), id: "x".repeat(70_000) };
    assert.equal(await codes(large), status.RESOURCE_EXHAUSTED);
    const { code, details } = await client.call("ModelInfer", rideRequest(-1));
    assert.equal(code, status.INVALID_ARGUMENT);
    assert.match(details, /\/trip_distance\/0/);
    const bad = await client.call("ModelInfer", rideRequest(), { metadata: { "x-prediction-id": "no spaces" } });
    assert.equal(bad.code, status.INVALID_ARGUMENT);
  });

  test("a deadline of the request is honoured, and counted with the others under its dialect", async () => {
    using client = grpcClient(server.grpcPort);
    const late = { ...rideRequest(), parameters: { timeout: { int64_param: 1 } } };
    assert.equal((await client.call("ModelInfer", late)).code, status.DEADLINE_EXCEEDED);
    const metrics = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
    assert.match(metrics, /trimaran_requests_total\{[^}]*dialect="grpc"[^}]*\} \d+/);
  });

  test("the repository answers under the name of older clients too", async () => {
    using client = grpcClient(server.grpcPort, "inference.model_repository.ModelRepositoryService");
    const { message } = await client.call("RepositoryIndex", {});
    assert.deepEqual(
      message.models.map(({ name, state }: { name: string; state: string }) => [name, state]),
      [["ride-duration", "READY"]],
    );
    const config = { model_name: "ride-duration", parameters: { config: { string_param: "{}" } } };
    assert.equal((await client.call("RepositoryModelLoad", config)).code, status.INVALID_ARGUMENT);
  });
});

test("gRPC asks for the same keys as HTTP; the repository for the admin token", async () => {
  const folder = mkdtempSync(join(tmpdir(), "trimaran-keys-"));
  const keys = join(folder, "keys");
  writeFileSync(keys, `me sha256:${createHash("sha256").update("key").digest("hex")}\n`);
  try {
    await using server = await serveGrpc([example, "--api-keys", keys], { TRIMARAN_ADMIN_TOKEN: "secret" });
    using client = grpcClient(server.grpcPort);
    const send = async (metadata: Readonly<Record<string, string>>) =>
      (await client.call("ModelInfer", rideRequest(), { metadata })).code;
    assert.equal(await send({}), status.UNAUTHENTICATED);
    assert.equal(await send({ authorization: "Bearer wrong" }), status.UNAUTHENTICATED);
    assert.equal(await send({ authorization: "Bearer key" }), status.OK);
    assert.equal(await send({ "x-api-key": "key" }), status.OK);
    assert.equal((await client.call("ServerReady", {})).message.ready, true);
    assert.equal((await client.call("ModelMetadata", { name: "ride-duration" })).code, status.UNAUTHENTICATED);
    const load = async (metadata: Readonly<Record<string, string>>) =>
      (await client.call("RepositoryModelLoad", { model_name: "ride-duration" }, { metadata })).code;
    assert.equal(await load({ "x-api-key": "key" }), status.PERMISSION_DENIED);
    assert.equal(await load({ authorization: "Bearer secret" }), status.OK);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a worker that is killed under load fails what it had in flight, and nothing else", async () => {
  await using server = await serveGrpc([example, "--workers", "2"]);
  const clients = Array.from({ length: 8 }, () => grpcClient(server.grpcPort));
  const codes: status[] = [];
  let on = true;
  const load = clients.map(async (client) => {
    while (on) codes.push((await client.call("ModelInfer", rideRequest())).code);
  });
  await sleep(400);
  process.kill(server.pids[0] ?? 0, "SIGKILL");
  await sleep(1500);
  const before = codes.length;
  const failed = codes.filter((code) => code !== status.OK);
  assert.ok(
    failed.every((code) => code === status.UNAVAILABLE),
    JSON.stringify(failed),
  );
  // Each connection had one call in flight.
  assert.ok(failed.length <= clients.length, `${failed.length} failed`);
  await sleep(500);
  on = false;
  await Promise.all(load);
  assert.ok(codes.length > before);
  assert.deepEqual(
    codes.slice(before).filter((code) => code !== status.OK),
    [],
  );
  for (const client of clients) client[Symbol.dispose]();
});

test("a stop answers what is in flight, tells others to go, and ends with 0", async () => {
  await using server = await serveGrpc([example]);
  using client = grpcClient(server.grpcPort);
  const codes: status[] = [];
  let on = true;
  const load = (async () => {
    while (on) {
      const { code } = await client.call("ModelInfer", rideRequest(), { deadlineMs: 3000 });
      codes.push(code);
      if (code !== status.OK) on = false;
    }
  })();
  await sleep(300);
  server.signal("SIGTERM");
  assert.equal(await server.ended, 0);
  on = false;
  await load;
  const failed = codes.filter((code) => code !== status.OK);
  assert.ok(codes.length > 10);
  // Only a call that came when nobody listened any more.
  assert.ok(failed.length <= 1 && failed.every((code) => code === status.UNAVAILABLE), JSON.stringify(failed));
});
