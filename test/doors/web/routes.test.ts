// Which routes there are, what the others get, and what stands in the way of a port.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openWebService } from "../../../src/doors/web/open-web-service.ts";
import { resolveWebOptions } from "../../../src/doors/web/web-options.ts";
import { fixedCatalog } from "../../../src/serving/catalog.ts";
import { smallService, testDoor } from "./fixtures.ts";

describe("routes", () => {
  it("that do not exist are 404, and methods that a path does not take 405 with Allow", async () => {
    await using door = await testDoor();
    for (const [method, path, status, allow] of [
      ["GET", "/nothing", 404, null],
      ["POST", "/predict/a/b", 404, null],
      ["GET", "/predict", 405, "POST"],
      ["GET", "/predict?meta=true", 405, "POST"],
      ["PUT", "/predict/small", 405, "POST"],
      ["DELETE", "/predict", 405, "POST"],
      ["PROPFIND", "/predict", 405, "POST"],
      ["POST", "/health/ready", 405, "GET, HEAD"],
      ["POST", "/", 405, "GET, HEAD"],
    ] as const) {
      const reply = await fetch(door.web.url + path, { method });
      assert.deepEqual([reply.status, reply.headers.get("allow")], [status, allow], `${method} ${path}`);
      assert.equal(reply.headers.get("content-type"), "application/problem+json; charset=utf-8");
      const problem = (await reply.json()) as { code: string; request_id: string };
      assert.equal(problem.code, status === 404 ? "REQUEST_NO_ROUTE" : "REQUEST_METHOD");
      assert.equal(problem.request_id, reply.headers.get("x-request-id"));
    }
  });

  it("are listed by GET /, as JSON and as text for a browser", async () => {
    await using door = await testDoor();
    const list = (await (await fetch(door.web.url)).json()) as { routes: { method: string; path: string }[] };
    const listed = list.routes.map(({ method, path }) => `${method} ${path}`);
    assert.equal(listed[0], "POST /predict");
    const promised = ["POST /predict/{name}", "GET /health/live", "GET /health/ready", "GET /metrics", "GET /"];
    for (const route of promised) assert.ok(listed.includes(route), route);
    assert.equal(new Set(listed).size, listed.length);
    const text = await fetch(door.web.url, { headers: { accept: "text/html,*/*" } });
    assert.match(text.headers.get("content-type") ?? "", /^text\/plain/);
    assert.match(await text.text(), /^Trimaran serves small/);
  });

  it("take HEAD where they take GET, and a slash at their end", async () => {
    await using door = await testDoor();
    assert.equal((await fetch(`${door.web.url}/health/live`, { method: "HEAD" })).status, 200);
    assert.equal((await fetch(`${door.web.url}/predict`, { method: "HEAD" })).status, 405);
    assert.equal((await fetch(`${door.web.url}/health/live/`)).status, 200);
    assert.equal((await door.post('{"x":1}', { path: "/predict/" })).status, 200);
  });

  it("are not closed to a probe with an odd request ID", async () => {
    await using door = await testDoor();
    const reply = await fetch(`${door.web.url}/health/live`, { headers: { "x-request-id": "a b" } });
    assert.equal(reply.status, 200);
    assert.match(reply.headers.get("x-request-id") ?? "", /^[\w-]+$/);
  });
});

describe("openWebService", () => {
  it("says that a port is in use, or not to be had", async () => {
    await using door = await testDoor();
    const catalog = fixedCatalog([smallService()]);
    await assert.rejects(openWebService({ catalog, port: door.web.port }), { code: "PORT_IN_USE", kind: "conflict" });
    await assert.rejects(openWebService({ catalog, port: 0, host: "192.0.2.1" }), { code: "PORT_NOT_ALLOWED" });
    await assert.rejects(openWebService({ catalog, port: 0, host: "no.such.host.invalid" }), {
      code: "PORT_NOT_ALLOWED",
    });
  });

  it("gives a URL that can be opened, whatever it listens on", async () => {
    for (const [host, shown] of [
      ["0.0.0.0", /^http:\/\/127\.0\.0\.1:\d+$/],
      ["localhost", /^http:\/\/localhost:\d+$/],
    ] as const) {
      const web = await openWebService({ catalog: fixedCatalog([smallService()]), port: 0, host });
      assert.match(web.url, shown);
      assert.equal((await fetch(`${web.url}/health/live`)).status, 200);
      await web.close({ deadlineMs: 0 });
    }
  });
});

describe("resolveWebOptions", () => {
  it("fills defaults, below the definition's section, below what is given", () => {
    const resolved = resolveWebOptions({ port: 1, maxRows: undefined }, { port: 2, maxRows: 3 });
    assert.deepEqual([resolved.port, resolved.maxRows, resolved.bodyLimit], [1, 3, 16_777_216]);
    assert.deepEqual([resolved.host, resolved.maxDepth], ["127.0.0.1", 64]);
    assert.ok(Object.isFrozen(resolved));
  });

  it("refuses values out of range and names that it does not know", () => {
    for (const options of [
      { port: 70_000 },
      { bodyLimit: 0 },
      { maxRows: 1.5 },
      { maxDepth: Number.NaN },
      { host: "" },
    ]) {
      assert.throws(() => resolveWebOptions(options), { code: "USAGE_INVALID" }, JSON.stringify(options));
    }
    assert.throws(() => resolveWebOptions({ bodylimit: 5 } as object), /did you mean "bodyLimit"/);
  });
});
