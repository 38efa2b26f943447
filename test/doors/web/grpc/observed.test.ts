// What is told of gRPC calls: lines of the access log, and the calls' part in recycling and in the requests in flight.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { status } from "@grpc/grpc-js";
import { isAlive, until } from "../fleet/fixtures.ts";
import { grpcClient, rideRequest, type ServedGrpc, serveGrpc } from "./serve-grpc.ts";

const example = fileURLToPath(new URL("../../../../examples/ride-duration", import.meta.url));

function requestLines(server: ServedGrpc): Record<string, unknown>[] {
  return server
    .stderr()
    .split("\n")
    .filter((line) => line.includes('"request"'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("calls over gRPC", () => {
  test("have a line in the access log each, refused ones too, without a value that was sent", async () => {
    await using server = await serveGrpc([example, "--access-log"]);
    using client = grpcClient(server.grpcPort);
    await client.call("ModelInfer", rideRequest(), { metadata: { "x-request-id": "r-1" } });
    await client.call(
      "ModelInfer",
      { ...rideRequest(), model_name: "secret" },
      { metadata: { "x-request-id": "r-2" } },
    );
    const late = { ...rideRequest(), parameters: { timeout: { int64_param: 1 } } };
    await client.call("ModelInfer", late, { metadata: { "x-request-id": "r-3" } });
    await until(() => requestLines(server).length === 3, "three lines");
    const lines = requestLines(server).map(
      ({ method, route, status: http, grpc_status, request_id, service, rows }) => {
        return { method, route, http, grpc_status, request_id, service, rows };
      },
    );
    const call = { method: "ModelInfer", route: "/inference.GRPCInferenceService/ModelInfer" };
    assert.deepEqual(lines, [
      { ...call, http: 200, grpc_status: status.OK, request_id: "r-1", service: "ride-duration", rows: 1 },
      { ...call, http: 404, grpc_status: status.NOT_FOUND, request_id: "r-2", service: undefined, rows: undefined },
      {
        ...call,
        http: 504,
        grpc_status: status.DEADLINE_EXCEEDED,
        request_id: "r-3",
        service: "ride-duration",
        rows: undefined,
      },
    ]);
    assert.doesNotMatch(server.stderr(), /secret/);
  });

  test("count towards the requests after which a worker is exchanged", async () => {
    await using server = await serveGrpc([example, "--workers", "1", "--worker-max-requests", "20"]);
    using client = grpcClient(server.grpcPort);
    const [first = 0] = server.pids;
    for (let count = 0; count < 30; count++) {
      assert.equal((await client.call("ModelInfer", rideRequest())).code, status.OK);
    }
    await until(() => !isAlive(first), "the end of the first worker");
    await until(async () => (await client.call("ModelInfer", rideRequest())).code === status.OK, "an answer");
  });
});
