// What the serve bench counts must be what happened: the load generator against servers that behave in known ways.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { describe, test } from "node:test";
import { median, medianRatio, shown } from "../../bench/report/statistics.ts";
import { Latencies } from "../../bench/serve/generator/latencies.ts";
import { runLoad } from "../../bench/serve/generator/load.ts";

async function listen(answer: RequestListener): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Answers each body with itself. */
const echo =
  (seen: Map<string, number>, headers: Readonly<Record<string, string>> = {}): RequestListener =>
  async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    seen.set(body, (seen.get(body) ?? 0) + 1);
    response.writeHead(200, { "Content-Length": body.length, ...headers }).end(body);
  };

const bodies = ["one", "two", "three"];
const task = { connections: 4, seconds: 0.2, bodies, answers: bodies };

describe("the load generator", () => {
  test("counts every answer once, over connections that are kept", async () => {
    const seen = new Map<string, number>();
    await using server = await listen(echo(seen));
    const result = await runLoad({ ...task, port: server.port });
    const total = [...seen.values()].reduce((sum, count) => sum + count, 0);
    assert.equal(result.requests, total);
    assert.equal(result.wrong + result.broken, 0);
    assert.ok(result.requests > 50 && result.seconds >= 0.2);
    assert.ok(result.p50Ms > 0 && result.p50Ms <= result.p99Ms);
    for (const body of bodies) assert.ok(Math.abs((seen.get(body) ?? 0) - total / 3) <= 1);
  });

  test("connects anew where a server closes behind each answer", async () => {
    const seen = new Map<string, number>();
    await using server = await listen(echo(seen, { Connection: "close" }));
    const result = await runLoad({ ...task, port: server.port });
    assert.equal(
      result.requests,
      [...seen.values()].reduce((sum, count) => sum + count, 0),
    );
    assert.equal(result.wrong + result.broken, 0);
    assert.ok(result.requests > 20);
  });

  test("counts answers of another status and answers with another text", async () => {
    await using server = await listen((request, response) => {
      request.resume().on("end", () => response.writeHead(500, { "Content-Length": 3 }).end("one"));
    });
    const failing = await runLoad({ ...task, port: server.port, answers: null });
    assert.ok(failing.requests > 0);
    assert.equal(failing.wrong, failing.requests);
    const seen = new Map<string, number>();
    await using other = await listen(echo(seen));
    const result = await runLoad({ ...task, port: other.port, answers: ["one", "two", "four"] });
    assert.equal(result.wrong, seen.get("three"));
  });

  test("gives up a server that breaks its connections, and counts them", async () => {
    await using server = await listen((request) => request.socket.destroy());
    const result = await runLoad({ ...task, seconds: 60, port: server.port });
    assert.equal(result.requests, 0);
    assert.ok(result.broken > 0);
  });

  test("waits for the rest of an answer that comes in parts", async () => {
    await using server = await listen((request, response) => {
      request.resume().on("end", () => {
        response.writeHead(200, { "Content-Length": 6 });
        response.write("one");
        setTimeout(() => response.end("two"), 5);
      });
    });
    const answers = bodies.map(() => "onetwo");
    const result = await runLoad({ ...task, port: server.port, answers });
    assert.ok(result.requests > 0);
    assert.equal(result.wrong, 0);
  });
});

test("latencies are told to one per cent", () => {
  const latencies = new Latencies();
  for (let ms = 1; ms <= 1000; ms++) latencies.addMs(ms);
  assert.equal(latencies.total, 1000);
  for (const share of [0.5, 0.99, 1]) {
    const exact = share * 1000;
    assert.ok(Math.abs(latencies.quantileMs(share) - exact) <= exact / 100, `${share}`);
  }
  assert.ok(Number.isNaN(new Latencies().quantileMs(0.5)));
});

test("medians and ratios of rounds", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.ok(Number.isNaN(median([])));
  assert.equal(medianRatio([10, 40, 90], [1, 2, 3]), 20);
});

test("numbers are shown with three digits that count", () => {
  assert.deepEqual([0.08301, 1.234, 12.34, 1234.5, 0].map(shown), ["0.0830", "1.23", "12.3", "1,235", "0"]);
});
