// `POST /predict` over a real socket: shapes, headers, refusals.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import type { Fault } from "../../../src/doors/web/web-options.ts";
import type { PredictionService } from "../../../src/serving/prediction-service.ts";
import { smallService, testDoor } from "./fixtures.ts";

const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const problemOf = (text: string) => JSON.parse(text) as { code: string; issues: { path: string; code: string }[] };

describe("POST /predict", () => {
  it("answers an object with an object, model_version last and left out when there is none", async () => {
    await using plain = await testDoor();
    await using versioned = await testDoor({ services: [smallService({ version: 'v"1 é' })] });
    const reply = await plain.post('{"x":2}');
    assert.equal(reply.status, 200);
    assert.equal(reply.text, '{"twice":4}');
    assert.equal(reply.headers.get("content-type"), "application/json; charset=utf-8");
    assert.equal(reply.headers.get("x-model-version"), null);
    const second = await versioned.post('{"x":2}');
    assert.equal(second.text, '{"twice":4,"model_version":"v\\"1 é"}');
    assert.equal(second.headers.get("x-model-version"), "v%221%20%C3%A9");
  });

  it("answers an array with an array, in order", async () => {
    await using door = await testDoor({ services: [smallService({ version: "7" })] });
    const reply = await door.post('[{"x":1},{"x":2.5}]');
    assert.equal(reply.text, '[{"twice":2,"model_version":"7"},{"twice":5,"model_version":"7"}]');
    assert.equal((await door.post("[]")).text, "[]");
  });

  it("refuses an array whole for one bad row, with the issues of every row under its number", async () => {
    await using door = await testDoor();
    const reply = await door.post('[{"x":1},{"x":"a"},{"x":2},{}]');
    assert.equal(reply.status, 422);
    assert.equal(reply.headers.get("content-type"), "application/problem+json; charset=utf-8");
    const problem = JSON.parse(reply.text) as Record<string, unknown>;
    assert.deepEqual(problem["issues"], [
      { path: "/1/x", code: "wrong_type", message: "x must be a number." },
      { path: "/3/x", code: "wrong_type", message: "x must be a number." },
    ]);
    assert.equal(problem["request_id"], reply.headers.get("x-request-id"));
    assert.deepEqual(Object.keys(problem), "type title status detail code fix issues request_id".split(" "));
    assert.equal(problem["title"], "Unprocessable Entity");
  });

  it("names a single row's fields without a row number", async () => {
    await using door = await testDoor();
    assert.deepEqual(problemOf((await door.post("{}")).text).issues[0]?.path, "/x");
  });

  it("refuses with 400 what is not JSON, not an object or array, or names a key twice", async () => {
    await using door = await testDoor();
    for (const [body, code] of [
      ["", "REQUEST_NOT_JSON"],
      ["{", "REQUEST_NOT_JSON"],
      ["hello", "REQUEST_NOT_JSON"],
      ["1", "REQUEST_SHAPE"],
      ["null", "REQUEST_SHAPE"],
      ['"text"', "REQUEST_SHAPE"],
      ["true", "REQUEST_SHAPE"],
      ['{"x":1,"x":2}', "REQUEST_DUPLICATE_KEY"],
    ] as const) {
      const reply = await door.post(body);
      assert.deepEqual([reply.status, problemOf(reply.text).code], [400, code], body);
    }
  });

  it("refuses a number that is too large for a double, with its path", async () => {
    await using door = await testDoor();
    const reply = await door.post('[{"x":1},{"x":1e999}]');
    assert.equal(reply.status, 422);
    assert.deepEqual(
      problemOf(reply.text).issues.map((issue) => `${issue.path} ${issue.code}`),
      ["/1/x not_finite"],
    );
  });

  it("says more about each answer with ?meta=true, each row's warnings with it", async () => {
    await using door = await testDoor({ services: [smallService({ version: "7" })] });
    const headers = { "x-prediction-id": "a/b" };
    const one = await door.post('{"x":1}', { path: "/predict?meta=true", headers });
    assert.deepEqual(JSON.parse(one.text), {
      output: { twice: 2 },
      meta: { model_version: "7", prediction_id: "a/b", warnings: [] },
    });
    const two = await door.post('[{"x":1},{"x":2,"warn":"W"}]', { path: "/predict?meta=1", headers });
    assert.deepEqual(JSON.parse(two.text), [
      { output: { twice: 2 }, meta: { model_version: "7", prediction_id: "a/b/0", warnings: [] } },
      {
        output: { twice: 4 },
        meta: {
          model_version: "7",
          prediction_id: "a/b/1",
          warnings: [{ code: "unseen_category", field: "W", count: 1 }],
        },
      },
    ]);
    const bad = await door.post('[{"x":1},{}]', { path: "/predict?meta=true" });
    assert.equal(problemOf(bad.text).issues[0]?.path, "/1/x");
    assert.equal((await door.post("[]", { path: "/predict?meta=true" })).text, "[]");
    assert.equal((await door.post('{"x":1}', { path: "/predict?meta=maybe" })).status, 400);
  });

  it("tells warnings in a header and keeps their count", async () => {
    await using door = await testDoor();
    const reply = await door.post('[{"x":1,"warn":"PU_DO"},{"x":2,"warn":"a b,c"}]');
    assert.equal(
      reply.headers.get("x-trimaran-warnings"),
      "unseen_category;field=PU_DO;count=1, unseen_category;field=a%20b%2Cc;count=1",
    );
    await door.post('{"x":1,"warn":"PU_DO"}');
    assert.deepEqual(
      door.web.counters.warnings.map(({ service, field, count }) => [service, field, count]),
      [
        ["small", "PU_DO", 2],
        ["small", "a b,c", 1],
      ],
    );
    assert.equal((await door.post('{"x":1}')).headers.get("x-trimaran-warnings"), null);
  });

  it("takes identifiers, echoes them, makes them where none came, and refuses malformed ones", async () => {
    await using door = await testDoor();
    const given = await door.post('{"x":1}', { headers: { "x-request-id": "r-1", "x-prediction-id": "p:1" } });
    assert.deepEqual([given.headers.get("x-request-id"), given.headers.get("x-prediction-id")], ["r-1", "p:1"]);
    const fresh = await door.post('{"x":1}');
    assert.match(fresh.headers.get("x-request-id") ?? "", uuid7);
    assert.equal(fresh.headers.get("x-prediction-id"), fresh.headers.get("x-request-id"));
    const half = await door.post('{"x":1}', { headers: { "x-request-id": "r-1" } });
    assert.match(half.headers.get("x-prediction-id") ?? "", uuid7);
    for (const name of ["x-request-id", "x-prediction-id"]) {
      for (const value of ["a b", "", "é", "x".repeat(129), "a, b"]) {
        const reply = await door.post('{"x":1}', { headers: { [name]: value } });
        assert.deepEqual([reply.status, problemOf(reply.text).code], [400, "REQUEST_HEADER"], `${name}: ${value}`);
        assert.match(reply.headers.get("x-request-id") ?? "", /^[\w-]+$/);
      }
    }
    assert.equal((await door.post('{"x":1}', { headers: { "x-request-id": "x".repeat(128) } })).status, 200);
  });

  it("serves several services by name, the first one without", async () => {
    const services = [smallService({ name: "one", version: "1" }), smallService({ name: "two words", version: "2" })];
    await using door = await testDoor({ services });
    assert.match((await door.post('{"x":1}')).text, /"1"/);
    assert.match((await door.post('{"x":1}', { path: "/predict/one" })).text, /"1"/);
    assert.match((await door.post('{"x":1}', { path: "/predict/two%20words" })).text, /"2"/);
    const none = await door.post('{"x":1}', { path: "/predict/three" });
    assert.deepEqual([none.status, problemOf(none.text).code], [404, "REQUEST_NO_SERVICE"]);
    await assert.rejects(testDoor({ services: [smallService(), smallService()] }), { code: "SERVICE_NAME_TAKEN" });
  });

  it("takes JSON under its usual types and refuses others with 415", async () => {
    await using door = await testDoor();
    const status = async (type: string) => (await door.post('{"x":1}', { headers: { "content-type": type } })).status;
    for (const type of [
      "application/json; charset=utf-8",
      "Application/JSON",
      "application/vnd.api+json",
      "text/json",
    ]) {
      assert.equal(await status(type), 200, type);
    }
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/json; charset=latin1",
      "junk",
    ]) {
      assert.equal(await status(type), 415, type);
    }
    const untyped = await fetch(`${door.web.url}/predict`, { method: "POST", body: Buffer.from('{"x":1}') });
    assert.equal(await untyped.text(), '{"twice":2}');
  });

  it("reads compressed bodies, with the limit on both sides", async () => {
    await using door = await testDoor({ bodyLimit: 1000 });
    const post = (body: Uint8Array, encoding: string) => door.post(body, { headers: { "content-encoding": encoding } });
    const json = '{"x":1}';
    assert.equal((await post(gzipSync(json), "gzip")).text, '{"twice":2}');
    assert.equal((await post(deflateSync(json), "deflate")).text, '{"twice":2}');
    assert.equal((await post(brotliCompressSync(json), "br")).text, '{"twice":2}');
    assert.equal((await post(zstdCompressSync(json), "ZSTD")).text, '{"twice":2}');
    // What is compressed in several pieces is one body, and nothing behind it is overlooked.
    const [left, right] = [Buffer.from(json.slice(0, 3)), Buffer.from(json.slice(3))];
    for (const [compress, encoding] of [
      [gzipSync, "gzip"],
      [zstdCompressSync, "zstd"],
    ] as const) {
      const pieces = Buffer.concat([compress(left), compress(right)]);
      assert.equal((await post(pieces, encoding)).text, '{"twice":2}', encoding);
      const large = Buffer.concat([compress(Buffer.alloc(1000)), compress(Buffer.alloc(1))]);
      assert.equal((await post(large, encoding)).status, 413, encoding);
    }
    for (const [compress, encoding] of [
      [gzipSync, "gzip"],
      [deflateSync, "deflate"],
      [brotliCompressSync, "br"],
      [zstdCompressSync, "zstd"],
    ] as const) {
      const more = await post(Buffer.concat([compress(json), Buffer.from("more")]), encoding);
      assert.deepEqual([more.status, problemOf(more.text).code], [400, "REQUEST_COMPRESSION"], encoding);
    }
    await using wide = await testDoor({ bodyLimit: 100_000 });
    const body = Buffer.concat(new Array<Buffer>(1200).fill(zstdCompressSync("")));
    const frames = await wide.post(body, { headers: { "content-encoding": "zstd" } });
    assert.deepEqual([frames.status, problemOf(frames.text).code], [400, "REQUEST_COMPRESSION"]);
    const bomb = await post(gzipSync(Buffer.alloc(2_000)), "gzip");
    assert.deepEqual([bomb.status, problemOf(bomb.text).code], [413, "REQUEST_TOO_LARGE"]);
    const broken = await post(Buffer.from(json), "gzip");
    assert.deepEqual([broken.status, problemOf(broken.text).code], [400, "REQUEST_COMPRESSION"]);
    const unknown = await post(Buffer.from(json), "compress");
    assert.deepEqual([unknown.status, problemOf(unknown.text).code], [415, "REQUEST_ENCODING"]);
    assert.match(unknown.headers.get("accept-encoding") ?? "", /gzip/);
  });

  it("answers many callers at once, each with his own", async () => {
    const before = () => new Promise<void>((resolve) => setTimeout(resolve, Math.random() * 10));
    await using door = await testDoor({ services: [smallService({ before })] });
    const replies = await Promise.all(
      Array.from({ length: 200 }, (_, x) => door.post(`{"x":${x}}`, { headers: { "x-request-id": `r${x}` } })),
    );
    for (const [x, reply] of replies.entries()) {
      assert.equal(reply.text, `{"twice":${2 * x}}`);
      assert.equal(reply.headers.get("x-request-id"), `r${x}`);
    }
  });
});

describe("failures of ours", () => {
  it("tell the caller nothing but the request ID, and the log everything", async () => {
    const faults: unknown[] = [];
    const before = async () => {
      throw new Error("the password is hunter2");
    };
    await using door = await testDoor({
      services: [smallService({ before })],
      onFault: (fault) => faults.push(fault),
    });
    const reply = await door.post('{"x":1}', { headers: { "x-request-id": "r-9" } });
    assert.equal(reply.status, 500);
    assert.doesNotMatch(reply.text, /hunter2|stack|at /);
    assert.equal(problemOf(reply.text).code, "INTERNAL");
    assert.equal(faults.length, 1);
    const { requestId, error } = faults[0] as { requestId: string; error: Error };
    assert.deepEqual([requestId, error.message], ["r-9", "the password is hunter2"]);
    assert.equal(door.web.counters.faults, 1);
  });

  it("are also a definition's, whose message comes from the user's code", async () => {
    const faults: string[] = [];
    const service: PredictionService = {
      ...smallService(),
      async answer(rows) {
        const issues = [{ row: 0, path: "", code: "features_failed", message: "no zone hunter2" }];
        return { ...(await smallService().answer(rows)), issues };
      },
    };
    const onFault = ({ error }: Fault) => faults.push(String(error));
    await using door = await testDoor({ services: [service], onFault });
    const reply = await door.post('{"x":1}');
    assert.deepEqual([reply.status, problemOf(reply.text).code], [500, "DEFINITION_FEATURES"]);
    assert.doesNotMatch(reply.text, /hunter2/);
    assert.match(faults[0] ?? "", /hunter2/);
  });
});
