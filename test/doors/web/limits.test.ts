// Sizes, rows, depth and time: what is over a limit is refused with the limit's name, and the caller gets to read it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { rawBody, rawConnection, rawExchange, smallService, testDoor } from "./fixtures.ts";

const codeOf = (text: string): string => (JSON.parse(text) as { code: string }).code;

describe("the body limit", () => {
  it("takes a body of exactly the limit and refuses one byte more", async () => {
    await using door = await testDoor({ bodyLimit: 20 });
    assert.equal((await door.post('{"x":1}'.padEnd(20))).status, 200);
    const over = await door.post('{"x":1}'.padEnd(21));
    assert.deepEqual([over.status, codeOf(over.text)], [413, "REQUEST_TOO_LARGE"]);
    assert.match(over.text, /20 bytes/);
  });

  it("counts a chunked body as it comes, and keeps the connection when all of it came", async () => {
    await using door = await testDoor({ bodyLimit: 20 });
    using connection = await rawConnection(door.web);
    const start = "POST /predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    connection.send(start + "a\r\n          \r\n".repeat(3));
    await sleep(20);
    assert.equal(connection.received(), "");
    connection.send("0\r\n\r\n");
    assert.match(await connection.until(/\r\n\r\n\{.*\}$/), /^HTTP\/1\.1 413 /);
    connection.send(`${start}7\r\n{"x":1}\r\n0\r\n\r\n`);
    await connection.until(/\{"twice":2\}/);
  });

  it("reaches a caller that writes everything before it reads", async () => {
    await using door = await testDoor({ bodyLimit: 1_000_000 });
    const reply = await door.post(Buffer.alloc(5_000_000, " "));
    assert.deepEqual([reply.status, codeOf(reply.text)], [413, "REQUEST_TOO_LARGE"]);
  });

  it("ends a body without end", async () => {
    await using door = await testDoor({ bodyLimit: 1000 });
    using connection = await rawConnection(door.web);
    connection.send("POST /predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    const chunk = `400\r\n${" ".repeat(0x400)}\r\n`;
    const writing = setInterval(() => connection.socket.writable && connection.send(chunk.repeat(4)), 2);
    const reply = await connection.end();
    clearInterval(writing);
    assert.match(reply, /^HTTP\/1\.1 413 /);
    assert.match(reply, /^connection: close/im);
  });

  it("refuses before the body is sent when the caller asks first", async () => {
    await using door = await testDoor({ bodyLimit: 1000 });
    const head = (length: number) =>
      `POST /predict HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;
    const refused = await rawExchange(door.web, head(1001));
    assert.match(refused, /^HTTP\/1\.1 413 /);
    assert.equal(rawBody(refused)["code"], "REQUEST_TOO_LARGE");
    using connection = await rawConnection(door.web);
    connection.send(head(7));
    await connection.until(/^HTTP\/1\.1 100 /);
    connection.send('{"x":1}');
    await connection.until(/\{"twice":2\}/);
  });
});

describe("the limits of rows and depth", () => {
  it("refuse one row too many, as an array and as lines", async () => {
    await using door = await testDoor({ maxRows: 2 });
    assert.equal((await door.post('[{"x":1},{"x":1}]')).status, 200);
    const rows = await door.post('[{"x":1},{"x":1},{"x":1}]');
    assert.deepEqual([rows.status, codeOf(rows.text)], [413, "REQUEST_TOO_MANY_ROWS"]);
    const headers = { "content-type": "application/x-ndjson" };
    assert.equal((await door.post('{"x":1}\n{"x":1}\n', { headers })).status, 200);
    const lines = await door.post('{"x":1}\n{"x":1}\n{"x":1}', { headers });
    assert.deepEqual([lines.status, codeOf(lines.text)], [413, "REQUEST_TOO_MANY_ROWS"]);
  });

  it("refuse JSON that is nested too deep", async () => {
    await using door = await testDoor();
    const deep = (depth: number) => `${'{"x":'.repeat(depth)}1${"}".repeat(depth)}`;
    assert.equal((await door.post(deep(64))).status, 422);
    const reply = await door.post(deep(65));
    assert.deepEqual([reply.status, codeOf(reply.text)], [413, "REQUEST_TOO_DEEP"]);
  });
});

describe("the request timeout", () => {
  const before = async (rows: readonly unknown[]) => {
    if ((rows[0] as { readonly x: number }).x < 0) await new Promise(() => {});
  };

  it("answers 504 for a model that does not, and serves others meanwhile and afterwards", async () => {
    await using door = await testDoor({ services: [smallService({ before })], requestTimeoutMs: 150 });
    const hung = door.post('{"x":-1}');
    assert.equal((await door.post('{"x":1}')).status, 200);
    const reply = await hung;
    assert.deepEqual([reply.status, codeOf(reply.text)], [504, "REQUEST_TIMEOUT"]);
    assert.equal((await door.post('{"x":1}')).status, 200);
  });

  it("sends nothing twice when the answer comes after all", async () => {
    let release: () => void = () => {};
    const late = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using door = await testDoor({ services: [smallService({ before: () => late })], requestTimeoutMs: 50 });
    assert.equal((await door.post('{"x":1}')).status, 504);
    release();
    await sleep(20);
    assert.equal(door.web.counters.faults, 0);
    assert.equal((await door.post('{"x":1}')).status, 200);
  });

  it("stands in the place of the lines that were not answered in time", async () => {
    await using door = await testDoor({ services: [smallService({ before })], requestTimeoutMs: 150 });
    const body = Array.from({ length: 600 }, (_, row) => `{"x":${row === 512 ? -1 : row}}`).join("\n");
    const reply = await door.post(body, { headers: { "content-type": "application/x-ndjson" } });
    const lines = reply.text.trimEnd().split("\n");
    assert.equal(reply.status, 200);
    assert.equal(lines.length, 600);
    assert.equal(lines[511], '{"twice":1022}');
    for (const line of lines.slice(512)) assert.match(line, /REQUEST_TIMEOUT/);
  });
});
