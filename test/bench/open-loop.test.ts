// The open loop against servers that behave in known ways: what is counted as answered, refused and failed.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { describe, test } from "node:test";
import { countOf, openLoop } from "../../bench/serve/generator/open-loop.ts";

async function listen(answer: RequestListener): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as { readonly port: number }).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const reply =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): RequestListener =>
  (request, response) => {
    request
      .resume()
      .on("end", () => response.writeHead(status, { "Content-Length": body.length, ...headers }).end(body));
  };
const task = { body: "{}", rate: 200, seconds: 0.5 };

describe("the open loop", () => {
  test("sends at the rate that it is told, and counts what was answered", async () => {
    await using server = await listen(reply(200, "fine"));
    const result = await openLoop({ ...task, port: server.port, answer: "fine" });
    assert.ok(result.sent >= 90 && result.sent <= 101, `${result.sent} sent`);
    assert.equal(countOf(result) + result.refused, 0);
    assert.ok(result.p50Ms > 0 && result.p50Ms <= result.p99Ms);
  });

  test("a 503 is clean with Retry-After and a code, and a failure without", async () => {
    await using clean = await listen(reply(503, '{"code":"BUSY"}', { "Retry-After": "1" }));
    const refused = await openLoop({ ...task, port: clean.port });
    assert.equal(refused.refused, refused.sent);
    assert.equal(countOf(refused), 0);
    await using bare = await listen(reply(503, "busy"));
    const failed = await openLoop({ ...task, port: bare.port });
    assert.deepEqual(failed.failures, { "503": failed.sent });
  });

  test("another answer than the right one is a failure", async () => {
    await using server = await listen(reply(200, "wrong"));
    const result = await openLoop({ ...task, port: server.port, answer: "fine" });
    assert.deepEqual(result.failures, { "wrong answer": result.sent });
  });

  test("connections that break are failures, and end no run", async () => {
    await using server = await listen((request) => request.socket.destroy());
    const result = await openLoop({ ...task, port: server.port });
    assert.ok(result.sent > 50);
    assert.equal(countOf(result), result.sent);
  });
});
