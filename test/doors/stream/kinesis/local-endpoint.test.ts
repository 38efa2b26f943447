// The local endpoint, as callers of Lambda's Invoke API meet it.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openLocalEndpoint } from "../../../../src/doors/stream/kinesis/local-endpoint.ts";
import type { LambdaFunction } from "../../../../src/doors/stream/kinesis/open-lambda.ts";
import { course, kinesisEvent, testFunction } from "./events.ts";

interface Opened extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
}

async function open(lambda: LambdaFunction): Promise<Opened> {
  const endpoint = await openLocalEndpoint({ lambda, host: "127.0.0.1", port: 0, timeoutMs: 60_000 });
  const url = `http://127.0.0.1:${endpoint.port}/2015-03-31/functions/function/invocations`;
  return { url, port: endpoint.port, [Symbol.asyncDispose]: () => endpoint.close() };
}

function post(url: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(url, { method: "POST", body, headers });
}

describe("the local endpoint", () => {
  test("answers an event, and tells an error as Lambda does", async () => {
    await using made = testFunction({ TEST_RUN: "True", RUN_ID: "" });
    await using endpoint = await open(made.lambda);
    const good = await post(endpoint.url, JSON.stringify(kinesisEvent(course)));
    assert.equal(good.status, 200);
    const { predictions } = (await good.json()) as { predictions: readonly unknown[] };
    assert.equal(predictions.length, 1);
    const bad = await post(endpoint.url, "{}");
    assert.equal(bad.status, 200);
    assert.equal(bad.headers.get("x-amz-function-error"), "Unhandled");
    assert.equal(((await bad.json()) as { errorType: string }).errorType, "LAMBDA_EVENT");
  });

  test("refuses other paths, methods, pages of browsers, and what is no JSON or too large", async () => {
    await using made = testFunction({ TEST_RUN: "True" });
    await using endpoint = await open(made.lambda);
    const { url } = endpoint;
    assert.equal((await post(url.replace("invocations", "x"), "{}")).status, 404);
    assert.equal((await fetch(url)).status, 405);
    assert.equal((await post(url, "{}", { origin: "http://evil.example" })).status, 403);
    assert.equal((await post(url, "{")).status, 400);
    assert.equal((await post(url, " ".repeat(7 * 1024 * 1024))).status, 413);
    assert.equal((await post(url, "{}", { "x-amz-invocation-type": "DryRun" })).status, 204);
    assert.equal((await post(url, "{}", { "x-amz-invocation-type": "Event" })).status, 202);
  });

  test("answers one event after the other, and what has come when it closes", async () => {
    let running = 0;
    let most = 0;
    const lambda: LambdaFunction = {
      ready: async () => {},
      async handle() {
        most = Math.max(most, ++running);
        await new Promise((done) => setTimeout(done, 20));
        running--;
        return { predictions: [] };
      },
      close: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
    const endpoint = await open(lambda);
    const asked = [1, 2, 3, 4].map(() => post(endpoint.url, "{}"));
    await asked[0];
    await Promise.all([...asked, endpoint[Symbol.asyncDispose]()]);
    assert.deepEqual(await Promise.all(asked.map(async (each) => (await each).status)), [200, 200, 200, 200]);
    assert.equal(most, 1);
  });

  test("says that its port is taken", async () => {
    await using made = testFunction({ TEST_RUN: "True" });
    await using first = await open(made.lambda);
    const again = openLocalEndpoint({ lambda: made.lambda, host: "127.0.0.1", port: first.port, timeoutMs: 1000 });
    await assert.rejects(again, { code: "LAMBDA_PORT" });
  });
});
