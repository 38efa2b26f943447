// The two ways to an answer, round Fastify and through it, answer alike: every body and head here is sent both ways.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { rawExchange, smallService, testDoor } from "./fixtures.ts";

const id = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g;

interface Told {
  readonly status: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What was answered, without what differs from request to request. */
function told(reply: string): Told {
  const [head = "", body = ""] = reply.split("\r\n\r\n");
  const [status = "", ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(
    lines
      .map((line) => line.split(": "))
      .map(([name = "", value = ""]) => [
        name.toLowerCase(),
        name.toLowerCase() === "date" ? "" : value.replace(id, "ID"),
      ])
      .sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
  );
  return { status, headers, body: body.replace(id, "ID") };
}

function post(body: string, lines: readonly string[]): string {
  const length = Buffer.byteLength(body, "latin1");
  return `POST /predict HTTP/1.1\r\n${lines.join("\r\n")}\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n${body}`;
}

const usual = ["Host: localhost", "Content-Type: application/json"];
/** No client of the quick way sends it. */
const other = "X-Other: 1";

const bodies = [
  '{"x":2}',
  '{"x":2,"warn":"PU_DO"}',
  '[{"x":1},{"x":2.5,"warn":"é, ö"}]',
  "[]",
  "{}",
  '{"x":"a"}',
  '[{"x":1},{"x":null},{}]',
  "",
  "1",
  "null",
  '"x"',
  "{",
  '{"x":1}{"x":2}',
  '{"x":1,"x":2}',
  '{"x":1e999}',
  `${"[".repeat(100)}${"]".repeat(100)}`,
  '{"__proto__":{"x":1}}',
  '\xef\xbb\xbf{"x":3}',
  '{"x":"\xff"}',
  `[${Array.from({ length: 40 }, () => '{"x":1}').join(",")}]`,
  `{"x":1,"more":"${"a".repeat(70_000)}"}`,
];

describe("the quick way and the other one", () => {
  for (const version of [null, 'v"1 é']) {
    test(`answer every body alike${version === null ? "" : ", with a version"}`, async () => {
      await using door = await testDoor({ services: [smallService({ version })], maxRows: 30, bodyLimit: 80_000 });
      for (const body of bodies) {
        const quick = told(await rawExchange(door.web, post(body, usual)));
        const slow = told(await rawExchange(door.web, post(body, [...usual, other])));
        assert.deepEqual(quick, slow, body.slice(0, 80));
      }
    });
  }

  test("answer heads alike", async () => {
    await using door = await testDoor();
    const heads = [
      ["Host: localhost"],
      ["host: localhost", "content-type: application/json"],
      ["Host: evil.example", "Content-Type: application/json"],
      ["Host: localhost", "Host: localhost"],
      ["Content-Type: application/json"],
      ["Host: localhost", "Content-Type: text/plain"],
      ["Host: localhost", "Content-Type: application/json; charset=utf-8"],
      ["Host: localhost", "Content-Type: application/json; charset=latin1"],
      ["Host: localhost", "Accept: text/html", "User-Agent: me"],
      ["Host: localhost", "Content-Encoding: gzip"],
      ["Host: localhost", "X-Request-Id: ä"],
    ];
    for (const head of heads) {
      const quick = told(await rawExchange(door.web, post('{"x":2}', head)));
      const slow = told(await rawExchange(door.web, post('{"x":2}', [...head, other])));
      assert.deepEqual(quick, slow, head.join("; "));
    }
  });

  test("are counted alike", async () => {
    await using quick = await testDoor();
    await using slow = await testDoor();
    for (const body of bodies) {
      await rawExchange(quick.web, post(body, usual));
      await rawExchange(slow.web, post(body, [...usual, other]));
    }
    const counts = async (url: string): Promise<string[]> => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const times = /_(seconds|bucket|sum)|loop_lag|process_|nodejs_|memory|rss|uptime/;
      return text.split("\n").filter((line) => line !== "" && !line.startsWith("#") && !times.test(line));
    };
    const expected = await counts(slow.web.url);
    assert.ok(expected.length > 5);
    assert.deepEqual(await counts(quick.web.url), expected);
  });

  test("keep the time limit, the queue's limit and what fails inside alike", async () => {
    const before = async (rows: readonly unknown[]): Promise<void> => {
      const { x } = rows[0] as { readonly x: number };
      if (x === 1) await sleep(5000);
      if (x === 2) throw new TypeError("a secret");
    };
    const faults: unknown[] = [];
    await using door = await testDoor({
      services: [smallService({ before })],
      requestTimeoutMs: 200,
      onFault: (fault) => faults.push(fault),
    });
    for (const [body, status] of [
      ['{"x":1}', "HTTP/1.1 504 Gateway Timeout"],
      ['{"x":2}', "HTTP/1.1 500 Internal Server Error"],
    ] as const) {
      const quick = told(await rawExchange(door.web, post(body, usual)));
      const slow = told(await rawExchange(door.web, post(body, [...usual, other])));
      assert.equal(quick.status, status);
      assert.deepEqual(quick, slow);
      assert.doesNotMatch(quick.body, /secret/);
    }
    assert.equal(faults.length, 2);
  });

  test("a connection that breaks off in the middle of a body leaves nothing behind", async () => {
    await using door = await testDoor();
    const head = `POST /predict HTTP/1.1\r\n${usual.join("\r\n")}\r\nContent-Length: 100\r\n\r\n{"x":`;
    const { connect } = await import("node:net");
    for (let count = 0; count < 50; count++) {
      const socket = connect(door.web.port, "127.0.0.1", () => socket.write(head, () => socket.destroy()));
      socket.on("error", () => {});
      await new Promise((resolve) => socket.once("close", resolve));
    }
    const text = await (await fetch(`${door.web.url}/metrics`)).text();
    assert.match(text, /^trimaran_requests_in_flight 0$/m);
    assert.equal((await door.post('{"x":2}')).text, '{"twice":4}');
  });
});
