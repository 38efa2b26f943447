// `POST /predict` with NDJSON: an answer a line, errors in their place, sent in parts.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { smallService, testDoor } from "./fixtures.ts";

const headers = { "content-type": "application/x-ndjson" };
interface ErrorLine {
  readonly error?: { readonly code: string; readonly issues: readonly { readonly path: string }[] };
}

describe("POST /predict with NDJSON", () => {
  it("answers line by line, with each error in its row's place", async () => {
    await using door = await testDoor({ services: [smallService({ version: "3" })] });
    const body = '{"x":1}\r\n{"x":"a"}\n\n{"x":\n{"x":1,"x":2}\n{"x":1e999}\n[[1]]\n{"x":2}';
    const reply = await door.post(body, { headers });
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get("content-type"), "application/x-ndjson; charset=utf-8");
    assert.equal(reply.headers.get("x-model-version"), "3");
    const lines = reply.text.trimEnd().split("\n");
    assert.equal(lines[0], '{"twice":2,"model_version":"3"}');
    assert.equal(lines[7], '{"twice":4,"model_version":"3"}');
    const errors = lines.slice(1, 7).map((line) => (JSON.parse(line) as ErrorLine).error);
    assert.deepEqual(
      errors.map((error) => error?.code),
      [
        "REQUEST_INVALID",
        "REQUEST_NOT_JSON",
        "REQUEST_NOT_JSON",
        "REQUEST_DUPLICATE_KEY",
        "REQUEST_INVALID",
        "REQUEST_INVALID",
      ],
    );
    assert.equal(errors[0]?.issues[0]?.path, "/x");
    assert.equal(errors[4]?.issues[0]?.path, "/x");
  });

  it("refuses only the line whose bytes are not UTF-8", async () => {
    await using door = await testDoor();
    const reply = await door.post(Buffer.from('{"x":1}\n{"y":"\xff"}\n{"x":2}\n', "latin1"), { headers });
    const lines = reply.text.trimEnd().split("\n");
    assert.deepEqual([lines[0], lines[2]], ['{"twice":2}', '{"twice":4}']);
    assert.match(lines[1] ?? "", /REQUEST_NOT_JSON/);
  });

  it("answers nothing to nothing", async () => {
    await using door = await testDoor();
    assert.deepEqual([(await door.post("", { headers })).status, (await door.post("", { headers })).text], [200, ""]);
  });

  it("keeps the order of many lines, and tells more with ?meta=true", async () => {
    await using door = await testDoor();
    const body = Array.from({ length: 5000 }, (_, x) => `{"x":${x}}\n`).join("");
    const reply = await door.post(body, { headers });
    assert.equal(reply.text, Array.from({ length: 5000 }, (_, x) => `{"twice":${2 * x}}\n`).join(""));
    const meta = await door.post(body.slice(0, body.indexOf("600")), {
      headers: { ...headers, "x-prediction-id": "p" },
      path: "/predict?meta=true",
    });
    const lines = meta.text.trimEnd().split("\n");
    assert.deepEqual(JSON.parse(lines[599] ?? ""), {
      output: { twice: 1198 },
      meta: { prediction_id: "p/599", warnings: [] },
    });
  });

  it("sends the first answers before the last are known", async () => {
    let release: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const before = async (rows: readonly unknown[]) => {
      if (rows.length < 512) await gate;
    };
    await using door = await testDoor({ services: [smallService({ before })] });
    const body = Array.from({ length: 600 }, (_, x) => `{"x":${x}}`).join("\n");
    const response = await fetch(`${door.web.url}/predict`, { method: "POST", headers, body });
    const reader = response.body!.getReader();
    const first = new TextDecoder().decode((await reader.read()).value);
    assert.match(first, /^\{"twice":0\}\n/);
    release();
    let rest = first;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      rest += new TextDecoder().decode(part.value);
    }
    assert.equal(rest.trimEnd().split("\n").length, 600);
  });

  it("blames one row's failure on that row alone, and tells none of its message", async () => {
    const faults: unknown[] = [];
    const before = async (rows: readonly unknown[]) => {
      if (rows.some((row) => (row as { x: number }).x === 2)) throw new Error("secret");
    };
    await using door = await testDoor({
      services: [smallService({ before })],
      onFault: (fault) => faults.push(fault),
    });
    const reply = await door.post('{"x":1}\n{"x":2}\n{"x":3}\n', { headers });
    const lines = reply.text.trimEnd().split("\n");
    assert.deepEqual([lines[0], lines[2]], ['{"twice":2}', '{"twice":6}']);
    assert.match(lines[1] ?? "", /"code":"INTERNAL"/);
    assert.doesNotMatch(reply.text, /secret/);
    assert.equal(faults.length, 1);
  });

  it("frees everything when the caller goes away in the middle", async () => {
    await using door = await testDoor();
    const body = '{"x":1}\n'.repeat(100_000);
    const aborted = new AbortController();
    const init = { method: "POST", headers, body, signal: aborted.signal };
    const response = await fetch(`${door.web.url}/predict`, init);
    await response.body!.getReader().read();
    aborted.abort();
    const report = await door.web.close({ deadlineMs: 5000 });
    assert.equal(report.cutConnections, 0);
    assert.equal(door.web.counters.faults, 0);
  });
});
