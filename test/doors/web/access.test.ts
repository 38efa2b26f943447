// Who is let in: Host names, API keys, origins, TLS, numbers of headers and connections; and when callers are turned away.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { hostCheck, readApiKeys } from "../../../src/doors/web/access.ts";
import { rawConnection, smallService, type TestDoor, testDoor } from "./fixtures.ts";

const body = '{"x":1}';
const post = (host: string, more = ""): string =>
  `POST /predict HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;

async function rawAnswer({ web }: TestDoor, text: string): Promise<string> {
  using raw = await rawConnection(web);
  raw.send(text);
  return await raw.until(/\r\n\r\n[\s\S]*\}$/);
}

describe("the Host header", () => {
  it("must be one of loopback's names while the door listens on loopback", async () => {
    await using door = await testDoor();
    const { port } = door.web;
    for (const host of ["localhost", `localhost:${port}`, "127.0.0.1:1", "[::1]:99", "LocalHost"]) {
      assert.match(await rawAnswer(door, post(host)), /^HTTP\/1\.1 200 /, host);
    }
    for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io:9696", "", "[::2]"]) {
      const answer = await rawAnswer(door, post(host));
      assert.match(answer, /^HTTP\/1\.1 403 /, host);
      assert.match(answer, /"code":"REQUEST_HOST"/);
    }
  });

  it("may be what --allowed-hosts names, wherever the door listens", async () => {
    await using door = await testDoor({ host: "0.0.0.0", allowedHosts: ["rides.example", "*.internal.example"] });
    for (const host of ["rides.example:9696", "a.b.internal.example"]) {
      assert.match(await rawAnswer(door, post(host)), /^HTTP\/1\.1 200 /, host);
    }
    for (const host of ["localhost", "internal.example", "xrides.example"]) {
      assert.match(await rawAnswer(door, post(host)), /^HTTP\/1\.1 403 /, host);
    }
  });

  it("is overruled by a target in absolute form, which must be allowed as well", async () => {
    await using door = await testDoor();
    const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    assert.match(await rawAnswer(door, get("http://localhost/health/live")), /^HTTP\/1\.1 200 /);
    assert.match(await rawAnswer(door, get("http://evil.example/health/live")), /^HTTP\/1\.1 403 /);
  });

  it("is not looked at on another address when no names are given", () => {
    assert.equal(hostCheck("0.0.0.0", [])("whatever.example"), true);
    assert.equal(hostCheck("127.0.0.1", ["*"])("whatever.example"), true);
  });
});

describe("API keys", () => {
  const digest = createHash("sha256").update("s3cret").digest("hex");
  const apiKeys = readApiKeys(`# keys\n\nci sha256:${digest}\nother sha256:${"0".repeat(64)}\n`);

  it("are asked for everywhere but by probes, before the body is read", async () => {
    await using door = await testDoor({ apiKeys });
    for (const path of ["/predict", "/", "/nothing"]) {
      const reply = await fetch(door.web.url + path, { method: path === "/predict" ? "POST" : "GET" });
      assert.equal(reply.status, 401, path);
      assert.equal(reply.headers.get("www-authenticate"), "Bearer");
      assert.equal(((await reply.json()) as { code: string }).code, "REQUEST_UNAUTHENTICATED");
    }
    assert.equal((await fetch(`${door.web.url}/health/ready?x=1`)).status, 200);
    assert.equal((await door.post(body, { headers: { authorization: "Bearer wrong" } })).status, 401);
    assert.equal((await door.post(body, { headers: { authorization: "Bearer s3cret" } })).status, 200);
    assert.equal((await door.post(body, { headers: { "x-api-key": "s3cret" } })).status, 200);
  });

  it("stand in a file as digests; a line that is none is named by its number", () => {
    assert.equal(apiKeys.length, 2);
    assert.throws(() => readApiKeys("ci s3cret"), { code: "API_KEYS_INVALID", message: /Line 1/ });
  });
});

describe("origins", () => {
  it("get no leave unless they are named, and then a preflight is answered", async () => {
    await using closed = await testDoor();
    const origin = "https://app.example";
    const none = await closed.post(body, { headers: { origin } });
    assert.equal(none.headers.get("access-control-allow-origin"), null);
    await using door = await testDoor({ corsOrigins: [origin] });
    const preflight = await fetch(`${door.web.url}/predict`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type" },
    });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get("access-control-allow-origin"), origin);
    assert.equal((await door.post(body, { headers: { origin } })).headers.get("access-control-allow-origin"), origin);
    const other = await door.post(body, { headers: { origin: "https://evil.example" } });
    assert.equal(other.headers.get("access-control-allow-origin"), null);
  });
});

describe("TLS", () => {
  it("is spoken where a certificate is given", async () => {
    const folder = mkdtempSync(join(tmpdir(), "trimaran-tls-"));
    try {
      const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
      const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
      const make = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "1"];
      execFileSync("openssl", [...make, ...subject], { stdio: "ignore" });
      const tls = { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
      await using door = await testDoor({ tls });
      assert.match(door.web.url, /^https:/);
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const asked = httpsRequest(`${door.web.url}/predict`, { method: "POST", ca: tls.cert }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        });
        asked.on("error", reject).end(body);
      });
      assert.equal(status, 200);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("numbers", () => {
  it("of headers are bounded", async () => {
    await using door = await testDoor({ maxHeaders: 20 });
    const more = Array.from({ length: 30 }, (_, index) => `X-${index}: 1\r\n`).join("");
    assert.match(await rawAnswer(door, post("localhost", more)), /^HTTP\/1\.1 431 [\s\S]*REQUEST_TOO_MANY_HEADERS/);
  });

  it("of connections are bounded, and who comes too many is told so", async () => {
    await using door = await testDoor({ maxConnections: 2 });
    using first = await rawConnection(door.web);
    using second = await rawConnection(door.web);
    first.send(post("localhost"));
    await first.until(/\}$/);
    assert.match(await rawAnswer(door, ""), /^HTTP\/1\.1 503 [\s\S]*Retry-After: 1[\s\S]*SERVICE_FULL/);
    second.send(post("localhost"));
    assert.match(await second.until(/\}$/), /^HTTP\/1\.1 200 /);
  });
});

describe("a deadline of the caller", () => {
  const before = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300));

  it("ends the request, and a malformed one is refused", async () => {
    await using door = await testDoor({ services: [smallService({ before })] });
    const late = await door.post(body, { headers: { "x-request-timeout-ms": "50" } });
    assert.equal(late.status, 504);
    assert.match(late.text, /longer than 50 ms/);
    assert.equal((await door.post(body, { headers: { "x-request-timeout-ms": "5000" } })).status, 200);
    for (const wrong of ["0", "-1", "1e3", "soon", "99999999"]) {
      assert.equal((await door.post(body, { headers: { "x-request-timeout-ms": wrong } })).status, 400, wrong);
    }
  });
});

describe("the queue", () => {
  it("turns callers away with 503 and Retry-After when it is full, and answers those who wait in order", async () => {
    const open: (() => void)[] = [];
    const before = (): Promise<void> => new Promise((resolve) => open.push(resolve));
    await using door = await testDoor({ services: [smallService({ before })], maxConcurrent: 1, maxQueue: 1 });
    const first = door.post(body);
    while (open.length < 1) await new Promise(setImmediate);
    const second = door.post('{"x":2}');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const third = await door.post('{"x":3}');
    assert.equal(third.status, 503);
    assert.equal(third.headers.get("retry-after"), "1");
    assert.match(third.text, /"code":"SERVICE_BUSY"/);
    open.shift()?.();
    assert.equal((await first).text, '{"twice":2}');
    while (open.length < 1) await new Promise(setImmediate);
    open.shift()?.();
    assert.equal((await second).text, '{"twice":4}');
  });

  it("lets go of whoever does not wait any longer", async () => {
    const open: (() => void)[] = [];
    let asked = 0;
    const before = (): Promise<void> => {
      asked++;
      return new Promise((resolve) => open.push(resolve));
    };
    await using door = await testDoor({ services: [smallService({ before })], maxConcurrent: 1 });
    const first = door.post(body);
    while (open.length < 1) await new Promise(setImmediate);
    const late = await door.post(body, { headers: { "x-request-timeout-ms": "40" } });
    assert.equal(late.status, 504);
    open.shift()?.();
    assert.equal((await first).status, 200);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(asked, 1);
  });
});
