// The gRPC load generator against a real grpc-js server, which knows how often it was called.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as grpc from "@grpc/grpc-js";
import { runGrpcLoad } from "../../bench/serve/generator/grpc-load.ts";

interface Echo extends AsyncDisposable {
  readonly port: number;
  readonly calls: () => number;
}

/** Answers a message with itself; one that begins with "no" with an error. */
async function echo(): Promise<Echo> {
  let calls = 0;
  const asIs = (bytes: Buffer): Buffer => bytes;
  const server = new grpc.Server();
  const method = { path: "/test.Echo/Say", requestStream: false, responseStream: false };
  const codec = {
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  server.addService(
    { say: { ...method, ...codec } },
    {
      say: (call: { readonly request: Buffer }, done: grpc.sendUnaryData<Buffer>) => {
        calls++;
        if (call.request.toString().startsWith("no")) done({ code: grpc.status.INVALID_ARGUMENT, details: "no" });
        else done(null, call.request);
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    port,
    calls: () => calls,
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}

const base64 = (texts: readonly string[]): readonly string[] =>
  texts.map((text) => Buffer.from(text).toString("base64"));
const task = { method: "/test.Echo/Say", connections: 3, seconds: 0.3 };

describe("the load generator for gRPC", () => {
  test("counts every call once, and finds each answer right", async () => {
    await using server = await echo();
    const messages = base64(["one", "two", "x".repeat(20_000)]);
    const result = await runGrpcLoad({ ...task, port: server.port, messages, answers: messages });
    assert.equal(result.requests, server.calls());
    assert.equal(result.wrong + result.broken, 0);
    assert.ok(result.requests >= 6 && result.p50Ms > 0);
  });

  test("counts a failed call and another message as wrong", async () => {
    await using server = await echo();
    const failed = await runGrpcLoad({ ...task, port: server.port, messages: base64(["no"]), answers: null });
    assert.ok(failed.requests > 0);
    assert.equal(failed.wrong, failed.requests);
    const [messages, answers] = [base64(["one"]), base64(["another"])];
    const other = await runGrpcLoad({ ...task, port: server.port, messages, answers });
    assert.ok(other.requests > 0);
    assert.equal(other.wrong, other.requests);
  });

  test("goes on over more calls than the windows of a connection hold", async () => {
    await using server = await echo();
    const messages = base64(["x".repeat(30_000)]);
    const result = await runGrpcLoad({
      ...task,
      seconds: 1,
      connections: 1,
      port: server.port,
      messages,
      answers: messages,
    });
    assert.ok(result.requests > 10, `${result.requests} calls`);
    assert.equal(result.wrong + result.broken, 0);
  });
});
