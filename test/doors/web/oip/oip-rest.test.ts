// The Open Inference Protocol over REST: the worked example and the model behind it, through a real door.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { openWebService } from "../../../../src/doors/web/open-web-service.ts";
import { openService } from "../../../../src/serving/open-service.ts";
import type { PredictionService } from "../../../../src/serving/prediction-service.ts";
import { prepareTarget } from "../../../../src/serving/slot/prepare-target.ts";
import { openSlotCatalog } from "../../../../src/serving/slot/slot-catalog.ts";
import { type TestDoor, testDoor } from "../fixtures.ts";

const example = fileURLToPath(new URL("../../../../examples/ride-duration", import.meta.url));

interface Tensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data?: unknown;
  readonly parameters?: object;
}

const tensor = (name: string, datatype: string, data: readonly unknown[]): Tensor => {
  return { name, datatype, shape: [data.length], data };
};
const ride = (trip: readonly unknown[] = [40]): readonly Tensor[] => [
  tensor(
    "PULocationID",
    "INT64",
    trip.map(() => 10),
  ),
  tensor(
    "DOLocationID",
    "INT64",
    trip.map(() => 50),
  ),
  tensor("trip_distance", "FP64", trip),
];
const infer = "/v2/models/ride-duration/infer";
const bare = "/v2/models/ride-duration.model/infer";

describe("the Open Inference Protocol over REST", () => {
  let door: TestDoor;
  let service: PredictionService;
  before(async () => {
    service = await openService(example);
    door = await testDoor({ services: [service, ...(service.bare ?? [])] });
  });
  after(() => door[Symbol.asyncDispose]());

  const post = async (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const bytes = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
    const reply = await door.post(bytes, { path, headers });
    return { ...reply, json: reply.text === "" ? null : JSON.parse(reply.text) };
  };
  const get = async (path: string) => {
    const response = await fetch(door.web.url + path);
    return { status: response.status, json: JSON.parse(await response.text()) };
  };
  const refused = async (body: unknown, pattern: RegExp, path: string = infer) => {
    const { status, json } = await post(path, body);
    assert.equal(status, 400, JSON.stringify(json));
    assert.deepEqual(Object.keys(json), ["error"]);
    assert.match(json.error, pattern);
  };

  test("tells of itself with and without a slash at the end", async () => {
    for (const slash of ["", "/"]) {
      assert.equal((await get(`/v2${slash}`)).json.name, "trimaran");
      assert.deepEqual(await get(`/v2/health/live${slash}`), { status: 200, json: { live: true } });
      assert.deepEqual(await get(`/v2/health/ready${slash}`), { status: 200, json: { ready: true } });
      const { json } = await get(`/v2/models/ride-duration/versions/1${slash}`);
      assert.deepEqual(json.inputs[2], { name: "trip_distance", datatype: "FP64", shape: [-1, 1] });
      assert.deepEqual(json.outputs, [{ name: "duration", datatype: "FP64", shape: [-1, 1] }]);
    }
    assert.deepEqual(await get("/v2/models/ride-duration/ready"), {
      status: 200,
      json: { name: "ride-duration", ready: true },
    });
  });

  test("unknown models and versions are 404, in the protocol's shape", async () => {
    for (const path of ["/v2/models/nope", "/v2/models/nope/ready", "/v2/models/ride-duration/versions/7/ready"]) {
      const { status, json } = await get(path);
      assert.equal(status, 404, path);
      assert.deepEqual(Object.keys(json), ["error"]);
    }
    assert.equal((await post("/v2/models/nope/infer", { inputs: ride() })).status, 404);
    assert.equal((await post("/v2/models/ride-duration/versions/9/infer", { inputs: ride() })).status, 404);
  });

  test("answers rows, echoes the id, and names the version", async () => {
    const { status, json, headers } = await post(infer, { id: "x1", inputs: ride([40, 3.66]) });
    assert.equal(status, 200);
    assert.equal(json.id, "x1");
    assert.equal(json.model_name, "ride-duration");
    assert.equal(json.model_version, "1");
    assert.deepEqual(json.outputs[0].shape, [2, 1]);
    const single = await post(
      "/predict",
      [40, 3.66].map((trip_distance) => ({ PULocationID: 10, DOLocationID: 50, trip_distance })),
    );
    assert.deepEqual(
      json.outputs[0].data,
      single.json.map((row: { readonly duration: number }) => row.duration),
    );
    assert.ok(headers.get("x-prediction-id"));
  });

  test("without an id the answer has that of the prediction", async () => {
    const { json } = await post(infer, { inputs: ride() }, { "x-prediction-id": "p-7" });
    assert.equal(json.id, "p-7");
  });

  test("takes a matrix, bytes behind the JSON, and a compressed body", async () => {
    const expected = (await post(infer, { inputs: ride() })).json.outputs[0].data[0];
    const matrix = { name: "input-0", datatype: "FP64", shape: [1, 3], data: [[10, 50, 40]] };
    assert.equal((await post(infer, { inputs: [matrix] })).json.outputs[0].data[0], expected);
    const zipped = await post(infer, gzipSync(JSON.stringify({ inputs: ride() })), { "content-encoding": "gzip" });
    assert.equal(zipped.json.outputs[0].data[0], expected);
    const raw = Buffer.from(new Float64Array([10, 50, 40]).buffer);
    const { data: _, ...head } = matrix;
    const json = Buffer.from(
      JSON.stringify({
        inputs: [{ ...head, parameters: { binary_data_size: 24 } }],
        parameters: { binary_data_output: true },
      }),
    );
    const response = await fetch(door.web.url + infer, {
      method: "POST",
      body: Buffer.concat([json, raw]),
      headers: { "inference-header-content-length": String(json.length) },
    });
    const length = Number(response.headers.get("inference-header-content-length"));
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.equal(bytes.readDoubleLE(length), expected);
    assert.equal(bytes.length, length + 8);
  });

  test("a body without a Content-Type is read", async () => {
    const response = await fetch(door.web.url + infer, {
      method: "POST",
      body: new Blob([JSON.stringify({ inputs: ride() })]),
    });
    assert.equal(response.status, 200);
  });

  test("the model behind a definition speaks its own inputs, and outputs choose its methods", async () => {
    const inputs = [tensor("PU_DO", "BYTES", ["43_151"]), tensor("trip_distance", "FP32", [1.5])];
    const { json } = await post(bare, { inputs, outputs: [{ name: "predict" }] });
    assert.deepEqual(json.outputs[0].shape, [1, 1]);
    await refused({ inputs, outputs: [{ name: "predict_proba" }] }, /predict_proba.*predict/, bare);
  });

  test("one bad row refuses the request, with every issue under its tensor", async () => {
    await refused({ inputs: ride([-1, 2, -3]) }, /2 problem.*\/trip_distance\/0: .*\/trip_distance\/2: /);
    await refused({ inputs: ride().slice(1) }, /\/PULocationID\/0: /);
  });

  test("names, datatypes and shapes that do not fit are refused by name", async () => {
    await refused({ inputs: [...ride(), tensor("trip_distanc", "FP64", [1])] }, /no input trip_distanc/);
    await refused(
      { inputs: [...ride().slice(0, 2), tensor("trip_distance", "BYTES", ["3.66"])] },
      /trip_distance.*BYTES/,
    );
    await refused({ inputs: [...ride(), ...ride()] }, /two inputs.*PULocationID/);
    await refused({ inputs: [{ ...ride()[0], shape: [2] }] }, /PULocationID.*2 elements/);
    await refused({ inputs: [{ ...ride()[0], shape: [-1] }] }, /PULocationID.*negative/);
    await refused({ inputs: [{ ...ride()[0], shape: [1e15] }] }, /PULocationID/);
    await refused({ inputs: [{ ...ride()[0], datatype: "FP128" }] }, /PULocationID.*FP128/);
    await refused({ inputs: [{ ...ride()[0], data: [1.5] }] }, /PULocationID.*whole number/);
    await refused(
      { inputs: ride([1, 2]).map((each, at) => (at === 1 ? tensor(each.name, "INT64", [1]) : each)) },
      /DOLocationID has 1 rows/,
    );
    await refused({ inputs: [{ name: "input-0", datatype: "FP64", shape: [1, 2], data: [1, 2] }] }, /2 elements/);
  });

  test("a number where the model knows categories only is refused, not answered with a wrong number", async () => {
    const inputs = [tensor("PU_DO", "INT64", [43]), tensor("trip_distance", "FP64", [1.5])];
    await refused({ inputs }, /PU_DO.*INT64.*BYTES/, bare);
  });

  test("paths and methods that are not there are told in the protocol's shape", async () => {
    for (const [path, status] of [
      ["/v2/nope", 404],
      ["/v2/models", 404],
      [infer, 405],
    ] as const) {
      const answer = await get(path);
      assert.equal(answer.status, status);
      assert.deepEqual(Object.keys(answer.json), ["error"]);
    }
  });

  test("what is no request is refused", async () => {
    for (const body of [
      "",
      "{",
      "[]",
      "null",
      "{}",
      '{"inputs":{}}',
      '{"inputs":[]}',
      '{"inputs":[null]}',
      '{"inputs":[{"name":1}]}',
    ]) {
      await refused(body, /./);
    }
    await refused('{"inputs":[],"inputs":[]}', /./);
    await refused('{"__proto__":{"inputs":[]}}', /inputs/);
    await refused({ id: 5, inputs: ride() }, /id/);
    await refused({ inputs: ride(), parameters: { timeout: -1 } }, /timeout/);
    await refused({ inputs: ride(), outputs: [{ name: "constructor" }] }, /constructor/);
    const deep = `${"[".repeat(1000)}${"]".repeat(1000)}`;
    const { status } = await post(infer, `{"inputs":${deep}}`);
    assert.equal(status, 413);
  });

  test("bytes behind the JSON that do not fit are refused", async () => {
    const json = JSON.stringify({
      inputs: [{ name: "input-0", datatype: "FP64", shape: [1, 3], parameters: { binary_data_size: 24 } }],
    });
    for (const header of ["x", "-1", "0", "1e3", String(json.length + 1), "99999999999999999999"]) {
      const { status } = await post(infer, json, { "inference-header-content-length": header });
      assert.equal(status, 400, header);
    }
    for (const size of [0, 23, 25, 100]) {
      const body = Buffer.concat([Buffer.from(json), Buffer.alloc(size)]);
      const { status } = await post(infer, body, { "inference-header-content-length": String(json.length) });
      assert.equal(status, 400, String(size));
    }
  });

  test("a timeout in microseconds is honoured", async () => {
    const { status, json } = await post(infer, { inputs: ride(), parameters: { timeout: 1 } });
    assert.equal(status, 504);
    assert.deepEqual(Object.keys(json), ["error"]);
    assert.equal((await post(infer, { inputs: ride(), parameters: { timeout: 10_000_000 } })).status, 200);
  });

  test("statistics count what was answered and what failed, of every dialect", async () => {
    const stats = async () => (await get("/v2/models/ride-duration/stats")).json.model_stats[0];
    const old = await stats();
    await post(infer, { inputs: ride([1, 2, 3]) });
    await post("/predict", { PULocationID: 10, DOLocationID: 50, trip_distance: 1 });
    await post(infer, { inputs: ride([-1]) });
    const now = await stats();
    assert.equal(now.inference_count - old.inference_count, 4);
    assert.equal(now.inference_stats.success.count - old.inference_stats.success.count, 2);
    assert.equal(now.inference_stats.fail.count - old.inference_stats.fail.count, 1);
    assert.ok(now.inference_stats.compute_infer.ns > old.inference_stats.compute_infer.ns);
    assert.ok(Math.abs(now.last_inference - Date.now()) < 5000);
    assert.equal((await get("/v2/models/stats")).json.model_stats.length, 2);
  });
});

describe("the repository over REST", () => {
  test("unloads and loads on loopback; what is unloaded is not ready", async () => {
    await using catalog = await repository();
    const call = async (path: string, body = "{}", headers = {}) => {
      const response = await fetch(catalog.url + path, { method: "POST", body, headers });
      return { status: response.status, text: await response.text() };
    };
    assert.deepEqual(JSON.parse((await call("/v2/repository/index", "")).text).length, 2);
    assert.deepEqual(await call("/v2/repository/models/ride-duration/unload"), { status: 200, text: "" });
    assert.equal((await fetch(`${catalog.url}/v2/models/ride-duration/ready`)).status, 503);
    assert.equal((await call(infer, JSON.stringify({ inputs: ride() }))).status, 503);
    assert.deepEqual(JSON.parse((await call("/v2/repository/index", '{"ready":true}')).text), []);
    assert.equal((await call("/v2/repository/models/ride-duration/load")).status, 200);
    assert.equal((await call(infer, JSON.stringify({ inputs: ride() }))).status, 200);
    assert.equal((await call("/v2/repository/models/nope/load")).status, 404);
    const config = JSON.stringify({ parameters: { config: "{}" } });
    assert.equal((await call("/v2/repository/models/ride-duration/load", config)).status, 400);
    assert.equal((await call("/v2/repository/index", '{"ready":"x"}')).status, 400);
  });

  test("the model behind a definition goes and comes with it, in every dialect", async () => {
    await using catalog = await repository();
    const row = JSON.stringify({ PU_DO: "43_151", trip_distance: 1.5 });
    const ask = (path: string, body: string) =>
      fetch(catalog.url + path, { method: "POST", body, headers: { "content-type": "application/json" } });
    for (const [path, body] of [
      ["/predict/ride-duration.model", row],
      ["/v1/models/ride-duration.model:predict", `{"instances":[${row}]}`],
    ] as const) {
      const response = await ask(path, body);
      assert.equal(response.status, 200, path);
      assert.match(await response.text(), /predict/);
    }
    assert.equal((await fetch(`${catalog.url}/v2/models/ride-duration.model/versions/1`)).status, 200);
    assert.equal((await ask("/v2/repository/models/ride-duration.model/load", "")).status, 200);
    assert.equal((await ask("/v2/repository/models/ride-duration.model/unload", "")).status, 200);
    assert.equal((await ask("/predict/ride-duration.model", row)).status, 404);
    assert.equal((await ask("/predict", "{}")).status, 503);
  });

  test("with API keys only the admin token may, and 403 says so", async () => {
    const sha256 = createHash("sha256").update("key").digest();
    await using catalog = await repository({ apiKeys: [{ name: "a", sha256 }], adminToken: "secret" });
    const load = (headers: Readonly<Record<string, string>>) =>
      fetch(`${catalog.url}/v2/repository/models/ride-duration/load`, { method: "POST", headers });
    const denied = await load({ "x-api-key": "key" });
    assert.equal(denied.status, 403);
    assert.match(((await denied.json()) as { error: string }).error, /admin token/);
    assert.equal((await load({ authorization: "Bearer wrong" })).status, 403);
    assert.equal((await load({ authorization: "Bearer secret" })).status, 200);
    assert.equal((await fetch(`${catalog.url}/v2/repository/index`, { method: "POST" })).status, 401);
    assert.equal((await fetch(`${catalog.url}/v2/health/ready/`)).status, 200);
  });
});

async function repository(options: object = {}): Promise<AsyncDisposable & { readonly url: string }> {
  const catalog = await openSlotCatalog([await prepareTarget({ target: example })], { exposeModel: true });
  const web = await openWebService({ catalog, port: 0, drainGraceMs: 0, ...options });
  return {
    url: web.url,
    async [Symbol.asyncDispose]() {
      await web.close({ deadlineMs: 0 });
      await catalog.close();
    },
  };
}
