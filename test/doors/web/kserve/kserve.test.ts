// KServe v1 and TensorFlow Serving's REST over a real socket.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { openService } from "../../../../src/serving/open-service.ts";
import { smallService, testDoor } from "../fixtures.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const predict = { path: "/v1/models/small:predict" };

describe("KServe v1", () => {
  it("lists models, and shows one with its versions", async () => {
    await using door = await testDoor({ services: [smallService({ version: "2" }), smallService({ version: "1" })] });
    const get = async (path: string) => {
      const reply = await fetch(door.web.url + path);
      return [reply.status, await reply.json()];
    };
    const status = (version: string) => ({
      version,
      state: "AVAILABLE",
      status: { error_code: "OK", error_message: "" },
    });
    assert.deepEqual(await get("/v1/models"), [200, { models: ["small"] }]);
    assert.deepEqual(await get("/v1/models/small"), [
      200,
      { name: "small", ready: true, model_version_status: [status("2"), status("1")] },
    ]);
    assert.deepEqual(await get("/v1/models/small/versions/1"), [
      200,
      { name: "small", ready: true, model_version_status: [status("1")] },
    ]);
    for (const path of ["/v1/models/none", "/v1/models/small/versions/9"]) {
      const [code, body] = await get(path);
      assert.equal(code, 404);
      assert.equal(typeof (body as { error: unknown }).error, "string");
    }
  });

  it("answers instances with predictions and inputs with outputs, without a content type too", async () => {
    await using door = await testDoor();
    assert.equal((await door.post('{"instances":[{"x":1},{"x":2}]}', predict)).text, '{"predictions":[2,4]}');
    assert.equal((await door.post('{"inputs":{"x":[1,2]}}', predict)).text, '{"outputs":[2,4]}');
    assert.equal((await door.post('{"inputs":[{"x":1}]}', predict)).text, '{"outputs":[2]}');
    assert.equal((await door.post('{"instances":[]}', predict)).text, '{"predictions":[]}');
    const body = new TextEncoder().encode('{"instances":[{"x":1}],"signature_name":"serving_default"}');
    const untyped = await fetch(door.web.url + predict.path, { method: "POST", body });
    assert.equal(await untyped.text(), '{"predictions":[2]}');
  });

  it("answers one version and the stable label, and no other label", async () => {
    await using door = await testDoor({ services: [smallService({ version: "2" }), smallService({ version: "1" })] });
    const body = '{"instances":[{"x":1}]}';
    const one = await door.post(body, { path: "/v1/models/small/versions/1:predict" });
    assert.deepEqual([one.status, one.headers.get("x-model-version")], [200, "1"]);
    const stable = await door.post(body, { path: "/v1/models/small/labels/stable:predict" });
    assert.equal(stable.headers.get("x-model-version"), "2");
    for (const path of ["labels/canary", "versions/3"]) {
      assert.equal((await door.post(body, { path: `/v1/models/small/${path}:predict` })).status, 404);
    }
  });

  it("refuses with an error text, and what it does not offer with 501", async () => {
    await using door = await testDoor();
    for (const body of [
      "{",
      "[]",
      "{}",
      '{"instances":1}',
      '{"instances":[],"inputs":[]}',
      '{"inputs":{}}',
      '{"inputs":{"x":1}}',
      '{"inputs":{"x":[1],"y":[1,2]}}',
      '{"instances":[{"x":"secret"}]}',
      '{"instances":[{"x":1}],"signature_name":"other"}',
      '{"instances":[{"x":NaN}]}',
      '{"instances":[{"x":1,"x":2}]}',
    ]) {
      const reply = await door.post(body, predict);
      assert.equal(reply.status, 400, body);
      assert.equal(typeof (JSON.parse(reply.text) as { error: unknown }).error, "string");
      assert.ok(!reply.text.includes("secret"));
    }
    const issues = await door.post('{"instances":[{"x":1},{},{"x":"a"}]}', predict);
    assert.deepEqual(
      (JSON.parse(issues.text) as { issues: { path: string }[] }).issues.map(({ path }) => path),
      ["/1/x", "/2/x"],
    );
    assert.equal((await door.post('{"instances":[]}', { path: "/v1/models/none:predict" })).status, 404);
    for (const verb of ["explain", "classify", "regress"]) {
      assert.equal((await door.post("{}", { path: `/v1/models/small:${verb}` })).status, 501);
    }
  });

  it("answers a definition by its fields, by name or in their order", async () => {
    const service = await openService(`${root}examples/ride-duration`);
    await using door = await testDoor({ services: [service] });
    const path = `/v1/models/${service.name}:predict`;
    const named = await door.post('{"instances":[{"PULocationID":130,"DOLocationID":205,"trip_distance":3.66}]}', {
      path,
    });
    assert.match(named.text, /^\{"predictions":\[\d+\.\d+\]\}$/);
    assert.equal((await door.post('{"instances":[[130,205,3.66]]}', { path })).text, named.text);
    const byColumn = '{"inputs":{"PULocationID":[130],"DOLocationID":[205],"trip_distance":[3.66]}}';
    assert.equal((await door.post(byColumn, { path })).text, named.text.replace("predictions", "outputs"));
  });
});
