// What no HTTP library would send, over raw sockets: each is refused with a problem document, and the service goes on.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rawBody, rawConnection, rawExchange, testDoor } from "./fixtures.ts";

const json = '{"x":1}';
const post = (headers: string, body = json): string => `POST /predict HTTP/1.1\r\n${headers}\r\n\r\n${body}`;

describe("a malformed request", () => {
  for (const [name, request, status, code] of [
    ["two Host headers", post("Host: localhost\r\nHost: b\r\nContent-Length: 7"), 400, "REQUEST_MALFORMED"],
    ["no Host header", post("Content-Length: 7"), 400, "REQUEST_MALFORMED"],
    [
      "Content-Length beside Transfer-Encoding",
      post("Host: localhost\r\nContent-Length: 7\r\nTransfer-Encoding: chunked", `7\r\n${json}\r\n0\r\n\r\n`),
      400,
      "REQUEST_MALFORMED",
    ],
    [
      "two Content-Lengths",
      post("Host: localhost\r\nContent-Length: 7\r\nContent-Length: 8"),
      400,
      "REQUEST_MALFORMED",
    ],
    ["a Content-Length that is no number", post("Host: localhost\r\nContent-Length: 7x"), 400, "REQUEST_MALFORMED"],
    ["a space before a header's colon", post("Host: localhost\r\nContent-Length : 7"), 400, "REQUEST_MALFORMED"],
    [
      "a chunk size that is no number",
      post("Host: localhost\r\nTransfer-Encoding: chunked", "zz\r\n"),
      400,
      "REQUEST_MALFORMED",
    ],
    [
      "a Transfer-Encoding beside chunked",
      `${post("Host: localhost\r\nTransfer-Encoding: gzip, chunked")}`,
      400,
      "REQUEST_MALFORMED",
    ],
    [
      "a Transfer-Encoding in HTTP/1.0",
      'POST /predict HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{"x":1}\r\n0\r\n\r\n',
      400,
      "REQUEST_MALFORMED",
    ],
    ["another protocol", "\u0016\u0003\u0001\u0002\u0000\u0001", 400, "REQUEST_MALFORMED"],
    ["an unknown method", "FETCH / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "REQUEST_MALFORMED"],
    [
      "headers over the limit",
      post(`Host: localhost\r\nContent-Length: 7\r\nCookie: ${"x".repeat(20_000)}`),
      431,
      "REQUEST_HEADERS_TOO_LARGE",
    ],
    [
      "a path that is no percent-encoding",
      "GET /predict/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      400,
      "REQUEST_MALFORMED",
    ],
  ] as const) {
    it(`is refused: ${name}`, async () => {
      await using door = await testDoor();
      const reply = await rawExchange(door.web, request);
      assert.match(reply, new RegExp(`^HTTP/1\\.1 ${status} `), reply);
      assert.match(reply, /^content-type: application\/problem\+json/im);
      assert.match(reply, /^x-request-id: [\w-]+/im);
      const problem = rawBody(reply);
      assert.deepEqual([problem["status"], problem["code"]], [status, code]);
      assert.equal((await door.post(json)).text, '{"twice":2}');
    });
  }

  it("is not told from a sound one of HTTP/1.0, which needs no Host", async () => {
    await using door = await testDoor();
    const reply = await rawExchange(door.web, `POST /predict HTTP/1.0\r\nContent-Length: 7\r\n\r\n${json}`);
    assert.match(reply, /^HTTP\/1\.1 200 /);
  });

  it("does no harm when its sender goes away in the middle of a body", async () => {
    await using door = await testDoor();
    for (let round = 0; round < 20; round++) {
      using connection = await rawConnection(door.web);
      connection.send(post("Host: localhost\r\nContent-Length: 1000"));
      connection.socket.resetAndDestroy();
    }
    assert.equal((await door.post(json)).status, 200);
    assert.equal(door.web.counters.faults, 0);
    assert.deepEqual([...door.web.counters.answers], [[200, 1]]);
  });
});

describe("a slow request", () => {
  it("whose headers do not end is answered with 408 and cut", async () => {
    await using door = await testDoor({ headersTimeoutMs: 200 });
    const reply = await rawExchange(door.web, "POST /predict HTTP/1.1\r\nHost: localhost\r\n");
    assert.match(reply, /^HTTP\/1\.1 408 /);
    assert.equal(rawBody(reply)["code"], "REQUEST_SLOW");
  });

  it("whose body does not end is answered with 408 and cut, and others are served meanwhile", async () => {
    await using door = await testDoor({ receiveTimeoutMs: 400 });
    const slow = Array.from({ length: 50 }, () =>
      rawExchange(door.web, post("Host: localhost\r\nContent-Length: 100")),
    );
    assert.equal((await door.post(json)).text, '{"twice":2}');
    for (const reply of await Promise.all(slow)) assert.match(reply, /^HTTP\/1\.1 408 /);
  });
});

describe("pipelined requests", () => {
  it("are answered in order", async () => {
    await using door = await testDoor();
    using connection = await rawConnection(door.web);
    connection.send([1, 2, 3].map((x) => post("Host: localhost\r\nContent-Length: 7", `{"x":${x}}`)).join(""));
    const text = await connection.until(/\{"twice":6\}/);
    assert.deepEqual(text.match(/\{"twice":\d\}/g), ['{"twice":2}', '{"twice":4}', '{"twice":6}']);
  });
});
