// The way down: not ready at once, no answer lost, nobody waited for longer than the deadline.
import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openWebHandler } from "../../../src/doors/web/open-web-service.ts";
import { fixedCatalog } from "../../../src/serving/catalog.ts";
import type { PredictionService } from "../../../src/serving/prediction-service.ts";
import { rawConnection, smallService, testDoor } from "./fixtures.ts";

const post = 'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 7\r\n\r\n{"x":1}';
const ready = "GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n";
const slow = (ms: number): PredictionService => smallService({ before: () => sleep(ms) });

describe("a drain", () => {
  it("tells readiness no at once, while liveness holds", async () => {
    await using door = await testDoor({ drainGraceMs: 300 });
    using idle = await rawConnection(door.web);
    idle.send(ready);
    await idle.until(/"state":"ready"/);
    const closing = door.web.close();
    assert.equal(door.web.phase, "draining");
    const answer = await fetch(`${door.web.url}/health/ready`);
    assert.deepEqual([answer.status, ((await answer.json()) as { state: string }).state], [503, "draining"]);
    assert.equal((await fetch(`${door.web.url}/health/live`)).status, 200);
    await closing;
    await assert.rejects(fetch(`${door.web.url}/health/live`));
  });

  it("answers the next request of a kept connection and closes it behind", async () => {
    await using door = await testDoor({ drainGraceMs: 2000 });
    using kept = await rawConnection(door.web);
    kept.send(post);
    assert.match(await kept.until(/\{"twice":2\}/), /^connection: keep-alive/im);
    const started = performance.now();
    const closing = door.web.close();
    kept.send(post);
    const text = await kept.end();
    assert.equal(text.match(/\{"twice":2\}/g)?.length, 2);
    assert.match(text.slice(text.lastIndexOf("HTTP/1.1")), /^connection: close/im);
    assert.deepEqual(await closing, { cutConnections: 0 });
    assert.ok(performance.now() - started < 1500, "waited although nobody was connected");
  });

  it("lets what is being answered finish, and closes idle connections meanwhile", async () => {
    await using door = await testDoor({ services: [slow(300)], drainGraceMs: 50 });
    using idle = await rawConnection(door.web);
    idle.send(ready);
    await idle.until(/"state":"ready"/);
    using silent = await rawConnection(door.web);
    using busy = await rawConnection(door.web);
    busy.send(post);
    await sleep(50);
    const closing = door.web.close({ deadlineMs: 5000 });
    await Promise.all([idle.end(), silent.end()]);
    assert.equal(busy.received(), "");
    const text = await busy.end();
    assert.match(text, /^HTTP\/1\.1 200 /);
    assert.match(text, /^connection: close/im);
    assert.deepEqual(await closing, { cutConnections: 0 });
  });

  it("cuts what is not done at the deadline, and says how much that was", async () => {
    await using door = await testDoor({ services: [smallService({ before: () => new Promise(() => {}) })] });
    using busy = await rawConnection(door.web);
    busy.send(post);
    using half = await rawConnection(door.web);
    half.send(post.slice(0, 30));
    await sleep(50);
    const started = performance.now();
    assert.deepEqual(await door.web.close({ deadlineMs: 200 }), { cutConnections: 2 });
    assert.ok(performance.now() - started < 2000);
    assert.equal(await busy.end(), "");
  });

  it("is one, however often it is asked for", async () => {
    await using door = await testDoor();
    assert.equal(door.web.close(), door.web.close());
  });

  it("loses no request of steady callers on kept connections", async () => {
    await using door = await testDoor({ drainGraceMs: 500 });
    const agents = Array.from({ length: 16 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    let answered = 0;
    const lost: unknown[] = [];
    const caller = async (own: Agent) => {
      for (;;) {
        try {
          await once(door.web.port, own);
          answered++;
        } catch (error) {
          // A connection that was still queued when the port closed is reset by the kernel: nobody listens any more. What a
          // caller may never see is the loss of a request on a connection that has answered before.
          if (error !== notListening) lost.push(error);
          return;
        }
      }
    };
    const callers = agents.map(caller);
    await sleep(200);
    const closing = door.web.close();
    // Callers that have been told to go elsewhere do so.
    await sleep(250);
    const stopped = answered;
    assert.deepEqual(await closing, { cutConnections: 0 });
    await Promise.all(callers);
    for (const agent of agents) agent.destroy();
    assert.ok(stopped > 100, `only ${stopped} answers`);
    assert.deepEqual(lost, []);
  });
});

const notListening = new Error("nobody listens");

/** One request; fails with `notListening` when a fresh connection never came to be answered. */
function once(port: number, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": 7 };
    const outgoing = request(
      { port, host: "127.0.0.1", method: "POST", path: "/predict", agent, headers },
      (response) => {
        response.resume().once("end", () => (response.statusCode === 200 ? resolve() : reject(new Error("status"))));
        response.once("error", reject);
      },
    );
    outgoing.once("error", (error) => reject(outgoing.reusedSocket ? error : notListening)).end('{"x":1}');
  });
}

describe("services that are still on their way", () => {
  it("leave the door alive and not ready until they come", async () => {
    const { promise, resolve } = Promise.withResolvers<readonly PredictionService[]>();
    await using door = await testDoor({ services: promise });
    assert.equal((await fetch(`${door.web.url}/health/live`)).status, 200);
    const loading = await fetch(`${door.web.url}/health/ready`);
    assert.deepEqual([loading.status, await loading.json()], [503, { state: "loading", services: [] }]);
    const early = await door.post('{"x":1}');
    assert.deepEqual([early.status, early.headers.get("retry-after")], [503, "1"]);
    assert.equal((JSON.parse(early.text) as { code: string }).code, "SERVICE_NOT_READY");
    resolve([smallService({ version: "5" })]);
    await door.web.ready;
    const then = await fetch(`${door.web.url}/health/ready`);
    assert.deepEqual(await then.json(), { state: "ready", services: [{ name: "small", model_version: "5" }] });
    assert.equal((await door.post('{"x":1}')).status, 200);
  });

  it("that do not come leave it not ready, and the reason with whoever waits", async () => {
    const services = Promise.reject(new Error("no model"));
    await using door = await testDoor({ services });
    await assert.rejects(door.web.ready, /no model/);
    assert.equal(((await (await fetch(`${door.web.url}/health/ready`)).json()) as { state: string }).state, "failed");
  });
});

describe("fetch without a port", () => {
  it("answers by the same code", async () => {
    const web = await openWebHandler({ catalog: fixedCatalog([smallService({ version: "1" })]) });
    const init = { method: "POST", headers: { "content-type": "application/json", "x-request-id": "r" } };
    const answer = await web.fetch(new Request("http://any/predict", { ...init, body: '{"x":4}' }));
    assert.deepEqual([answer.status, await answer.json()], [200, { twice: 8, model_version: "1" }]);
    assert.equal(answer.headers.get("x-request-id"), "r");
    const bad = await web.fetch(new Request("http://any/predict", { ...init, body: "{" }));
    assert.equal(bad.status, 400);
    const lines = { ...init, headers: { "content-type": "application/x-ndjson" }, body: '{"x":1}\n{}' };
    const many = await (await web.fetch(new Request("http://any/predict?meta=false", lines))).text();
    assert.equal(many.split("\n").length, 3);
    assert.equal((await web.fetch(new Request("http://any/health/live", { method: "HEAD" }))).status, 200);
    await web.close();
  });
});
