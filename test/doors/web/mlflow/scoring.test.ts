// MLflow's scoring protocol over a real socket: forms, refusals, the course's own model, a definition.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Signature } from "../../../../src/mlflow/signature.ts";
import { openService } from "../../../../src/serving/open-service.ts";
import type { PredictionService } from "../../../../src/serving/prediction-service.ts";
import { smallService, testDoor } from "../fixtures.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const course = `${process.env["TRIMARAN_SHARED"] ?? `${root}../shared`}/data/models/forest-mlflow-1.26`;

interface ScoringReply {
  readonly predictions?: readonly unknown[];
  readonly error_code?: string;
  readonly message?: string;
  readonly issues?: readonly { readonly path: string }[];
}

const column = (name: string, type: string, required = true) => ({ kind: "column", name, type, required }) as const;

function signed(inputs: Signature["inputs"], params: Signature["params"] = null): PredictionService {
  return { ...smallService({ version: "7" }), signature: { inputs, outputs: null, params } };
}

const sent = { path: "/invocations" };
const bodyOf = (text: string) => JSON.parse(text) as ScoringReply;

describe("POST /invocations", () => {
  it("answers the four JSON forms and CSV with bare values", async () => {
    await using door = await testDoor();
    for (const body of [
      '{"dataframe_split":{"columns":["x"],"index":[9,8],"data":[[1],[2]]}}',
      '{"dataframe_split":{"columns":["x"],"data":[1,2]}}',
      '{"dataframe_records":[{"x":1},{"x":2}]}',
      '{"inputs":{"x":[1,2]}}',
      '{"inputs":[{"x":1},{"x":2}]}',
      '{"instances":[{"x":1},{"x":2}]}',
      '\t{"instances":{"x":[1,2]},"params":null,"else":3}',
    ]) {
      const reply = await door.post(body, sent);
      assert.deepEqual([reply.status, reply.text], [200, '{"predictions":[2,4]}'], body);
    }
    const csv = await door.post("x\n1\n2\n", { ...sent, headers: { "content-type": "text/csv" } });
    assert.equal(csv.text, '{"predictions":[2,4]}');
    const zipped = await door.post(gzipSync('{"inputs":{"x":[1,2]}}'), {
      ...sent,
      headers: { "content-encoding": "gzip" },
    });
    assert.equal(zipped.text, '{"predictions":[2,4]}');
    assert.equal((await door.post('{"dataframe_records":[]}', sent)).text, '{"predictions":[]}');
  });

  it("names the version and the prediction, and answers a service by its name", async () => {
    await using door = await testDoor({ services: [smallService(), smallService({ name: "other", version: "3" })] });
    const headers = { "x-prediction-id": "p/1" };
    const reply = await door.post('{"inputs":{"x":[1]}}', { path: "/invocations/other", headers });
    assert.equal(reply.headers.get("x-model-version"), "3");
    assert.equal(reply.headers.get("x-prediction-id"), "p/1");
    const none = await door.post('{"inputs":{"x":[1]}}', { path: "/invocations/none" });
    assert.deepEqual([none.status, bodyOf(none.text).error_code], [404, "RESOURCE_DOES_NOT_EXIST"]);
  });

  it("refuses types in MLflow's order, as plain text", async () => {
    await using door = await testDoor();
    for (const [type, pattern] of [
      ["application/json; charset=latin1", /^The scoring server only supports UTF-8$/],
      ["text/plain; charset=latin1; x=1", /^The scoring server only supports UTF-8$/],
      [
        "text/plain; format=pandas-split",
        /^Unrecognized content type parameters: format\. IMPORTANT: .*mlflow-models\.$/,
      ],
      ["text/plain", /^This predictor only supports the following content types: Types: .*Got 'text\/plain'\.$/],
      ["application/vnd.apache.parquet", /Types: \['text\/csv', 'application\/json'\]/],
    ] as const) {
      const reply = await door.post('{"inputs":[1]}', { ...sent, headers: { "content-type": type } });
      assert.equal(reply.status, 415, type);
      assert.match(reply.text, pattern);
      assert.equal(reply.headers.get("content-type"), "text/plain; charset=utf-8");
    }
    const untyped = await fetch(`${door.web.url}/invocations`, { method: "POST", body: new Uint8Array([0x7b, 0x7d]) });
    assert.equal(untyped.status, 415);
  });

  it("takes the bare NaN of Python's clients where a value stands, and nowhere else", async () => {
    await using door = await testDoor({ services: [signed([column("x", "double"), column("y", "double", false)])] });
    const sound =
      '{"dataframe_split":{"columns":["x","y","Na\\"N"],"data":[[1,NaN,"NaN, NaN"],[2,-Infinity,Infinity]]}}';
    assert.equal((await door.post(sound, sent)).text, '{"predictions":[2,4]}');
    for (const text of ["1NaN", "NaN5", "-NaN", "1Infinity", "Infinity0", "nan", "{NaN:1}", "Inf"]) {
      const reply = await door.post(`{"inputs":{"x":[${text}]}}`, sent);
      assert.deepEqual([reply.status, bodyOf(reply.text).error_code], [400, "BAD_REQUEST"], text);
    }
  });

  it("enforces the signature: demanded, optional, cast, in any order, extra ones dropped", async () => {
    await using door = await testDoor({ services: [signed([column("x", "long"), column("t", "string", false)])] });
    const good = '{"dataframe_split":{"columns":["z","x"],"data":[["q","3"],[null,4.0]]}}';
    assert.equal((await door.post(good, sent)).text, '{"predictions":[6,8]}');
    const missing = bodyOf((await door.post('{"dataframe_records":[{"z":1}]}', sent)).text);
    assert.equal(missing.error_code, "INVALID_PARAMETER_VALUE");
    assert.match(
      missing.message ?? "",
      /Model is missing inputs \['x'\]\. Note that there were extra inputs: \['z'\]\./,
    );
    for (const cell of ["1.5", "9007199254740993", "1e999", "null", '"secret"', "[1]", "{}"]) {
      const reply = await door.post(`{"dataframe_records":[{"x":1},{"x":${cell}}]}`, sent);
      const { error_code: code, message = "", issues } = bodyOf(reply.text);
      assert.deepEqual([reply.status, code, issues?.map(({ path }) => path)], [400, "BAD_REQUEST", ["/1/x"]], cell);
      assert.match(message, /Data is not compatible with model signature\. Failed to convert column x to type 'int64'/);
      assert.ok(!reply.text.includes("secret") && !reply.text.includes("stack_trace"));
    }
  });

  it("tells all values that do not fit at once", async () => {
    await using door = await testDoor({ services: [signed([column("x", "double"), column("y", "boolean")])] });
    const reply = await door.post('{"dataframe_records":[{"x":"a","y":2},{"x":1,"y":"b"}]}', sent);
    const paths = bodyOf(reply.text).issues?.map(({ path }) => path);
    assert.deepEqual(paths, ["/0/x", "/0/y", "/1/y"]);
  });

  it("ignores params that nobody knows, says so, and refuses those of a wrong type", async () => {
    await using door = await testDoor({ services: [signed([column("x", "double")], [{ name: "t", type: "double" }])] });
    const told = await door.post('{"inputs":{"x":[1]},"params":{"t":0.5,"other":1}}', sent);
    assert.equal(told.headers.get("x-trimaran-warnings"), "ignored_param;field=other;count=1");
    const wrong = await door.post('{"inputs":{"x":[1]},"params":{"t":"a"}}', sent);
    assert.equal(bodyOf(wrong.text).error_code, "INVALID_PARAMETER_VALUE");
    const list = await door.post('{"inputs":{"x":[1]},"params":[1]}', sent);
    assert.match(bodyOf(list.text).message ?? "", /Parameters must be a dictionary\. Got type 'list'\./);
  });

  it("keeps __proto__ an ordinary name, and refuses a key that comes twice, lone bytes and too much", async () => {
    await using door = await testDoor({ maxRows: 2, maxDepth: 6 });
    const proto = await door.post('{"dataframe_records":[{"__proto__":{"x":1}}]}', sent);
    assert.equal(proto.status, 400);
    assert.match((await door.post('{"inputs":{"x":[1],"x":[2]}}', sent)).text, /names a key twice/);
    assert.equal((await door.post(Uint8Array.of(0x22, 0xff, 0x22), sent)).status, 400);
    assert.equal((await door.post('{"inputs":{"x":[1,2,3]}}', sent)).status, 413);
    assert.equal((await door.post('{"inputs":[[[[[[[1]]]]]]]}', sent)).status, 413);
  });

  it("refuses a table that is nearly all gaps before it fills the memory", { timeout: 20_000 }, async () => {
    await using door = await testDoor();
    const records = Array.from({ length: 50_000 }, (_, index) => `{"k${index}":1}`);
    const scalars = Array.from({ length: 50_000 }, (_, index) => `"k${index}":1`);
    for (const body of [
      `{"dataframe_records":[${records}]}`,
      `{"inputs":[${records}]}`,
      `{"inputs":{"x":[${"1,".repeat(50_000)}1],${scalars}}}`,
    ]) {
      const reply = await door.post(body, sent);
      assert.equal(reply.status, 400);
      assert.match(reply.text, /The table would have \d+ cells/);
    }
    const csv = `${records.map((_, index) => index)}\n${"1\n".repeat(50_000)}`;
    const reply = await door.post(csv, { ...sent, headers: { "content-type": "text/csv" } });
    assert.match(reply.text, /The table would have \d+ cells/);
  });

  it("says ping, health and version as MLflow does", async () => {
    await using door = await testDoor();
    for (const [path, text] of [
      ["/ping", /^\n$/],
      ["/health", /^\n$/],
      ["/version", /^3\.\d+\.\d+$/],
    ] as const) {
      const reply = await fetch(door.web.url + path);
      assert.equal(reply.status, 200);
      assert.match(await reply.text(), text);
    }
  });

  it("answers a definition by its fields, with features run and every issue told", async () => {
    const service = await openService(`${root}examples/ride-duration`);
    await using door = await testDoor({ services: [service] });
    const ride = '{"PULocationID":130,"DOLocationID":205,"trip_distance":3.66}';
    const texts = new Set<string>();
    for (const body of [
      `{"inputs":[${ride}]}`,
      `{"instances":[${ride}]}`,
      `{"dataframe_records":[${ride}]}`,
      '{"dataframe_split":{"columns":["trip_distance","DOLocationID","PULocationID"],"data":[[3.66,205,130]]}}',
      '{"inputs":[[130,205,3.66]]}',
    ]) {
      texts.add((await door.post(body, sent)).text);
    }
    assert.equal(texts.size, 1, [...texts].join());
    assert.match([...texts][0]!, /^\{"predictions":\[\d+\.\d+\]\}$/);
    const bad = bodyOf((await door.post('{"inputs":[{"PULocationID":0,"DOLocationID":205}]}', sent)).text);
    assert.equal(bad.error_code, "INVALID_PARAMETER_VALUE");
    assert.deepEqual(bad.issues?.map(({ path }) => path).sort(), ["/0/PULocationID", "/0/trip_distance"]);
    const method = await door.post(`{"inputs":[${ride}]}`, { path: "/invocations?method=predict" });
    assert.equal(method.status, 400);
  });

  it("answers the course's own model, which MLflow refuses", { skip: !existsSync(course) }, async () => {
    await using door = await testDoor({ services: [await openService(course)] });
    for (const body of [
      '{"inputs":[{"PU_DO":"43_151","trip_distance":1.01}]}',
      '{"instances":[{"PU_DO":"43_151","trip_distance":1.01}]}',
      '{"dataframe_records":[{"PU_DO":"43_151","trip_distance":1.01}]}',
      '{"dataframe_split":{"columns":["PU_DO","trip_distance"],"data":[["43_151",1.01]]}}',
    ]) {
      const reply = await door.post(body, sent);
      const [value] = bodyOf(reply.text).predictions ?? [];
      assert.equal(typeof value, "number", reply.text);
    }
  });
});
