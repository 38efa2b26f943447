// A model behind a server that may lie, stop, or be slow: answers are right or the error has a type.
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { describe, test } from "node:test";
import { status } from "@grpc/grpc-js";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { decodeInferRequest, encodeInferResponse } from "../../../src/formats/oip/binary-body.ts";
import { type OipTensor, oipTensor } from "../../../src/formats/oip/tensor.ts";
import { loadPredictor } from "../../../src/loaders/load-predictor.ts";
import { loadRemote } from "../../../src/loaders/remote/load-remote.ts";
import type { RemoteOptions } from "../../../src/loaders/remote/remote-client.ts";
import { grpcServer, type HttpCall, httpServer } from "./server.ts";

const x = { name: "x", datatype: "FP64", shape: [-1, 2] };
const y = { name: "y", datatype: "FP64", shape: [-1, 1] };
const metadata = { name: "m", versions: ["4"], platform: "test", inputs: [x], outputs: [y] };
const batch = { kind: "matrix", rowCount: 2, width: 2, values: Float64Array.of(1, 2, 3, 4) } as const;

const json = (response: ServerResponse, body: unknown, code = 200): void => {
  response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
};

/** A server that is sound but for how it answers `/infer`. */
function sound(infer: (call: HttpCall, response: ServerResponse) => void, extensions: readonly string[] = []) {
  return httpServer((call, response) => {
    if (call.url === "/v2") return json(response, { name: "s", version: "1", extensions });
    if (call.url === "/v2/models/m") return json(response, metadata);
    return infer(call, response);
  });
}

const sums = (call: HttpCall): readonly OipTensor[] => {
  const header = call.headers["inference-header-content-length"];
  const { inputs } = decodeInferRequest({
    bytes: new Uint8Array(call.body),
    header: header === undefined ? null : String(header),
  });
  const data = inputs[0]?.data as Float64Array;
  const rows = data.length / 2;
  const values = Float64Array.from(
    { length: rows },
    (_, row) => (data[2 * row] as number) + (data[2 * row + 1] as number),
  );
  return [oipTensor({ name: "y", datatype: "FP64", shape: [rows, 1], data: values })];
};

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (isTrimaranError(error)) return error.code;
    throw error;
  }
  return "none";
}

async function predictCode(host: string, options: RemoteOptions = {}): Promise<string> {
  const { predictor } = await loadRemote(`oip+http://${host}/v2/models/m`, options);
  return codeOf(predictor.predict(batch));
}

describe("a remote model over HTTP", () => {
  for (const binary of [false, true]) {
    test(`is asked ${binary ? "with raw bytes where the server takes them" : "with JSON"}, once a batch, over one connection`, async () => {
      await using server = await sound(
        (call, response) => {
          const outputs = sums(call);
          const answer = { modelName: "m", modelVersion: "5", id: null, parameters: {}, outputs };
          const { bytes, headerLength } = encodeInferResponse(answer, () => binary);
          if (headerLength !== null) response.setHeader("Inference-Header-Content-Length", headerLength);
          response.end(bytes);
        },
        binary ? ["binary_tensor_data"] : [],
      );
      const uri = `oip+http://${server.host}/v2/models/m`;
      const model = await loadPredictor([uri]);
      assert.equal(model.predictor.kind, "async");
      assert.deepEqual([model.predictor.methods, model.version], [["predict", "y"], "4"]);
      assert.match(model.digest, /^sha256:[0-9a-f]{64}$/);
      const { outputs } = await model.predictor.predict(batch, { methods: ["y", "predict"] });
      for (const method of ["y", "predict"]) {
        assert.deepEqual(outputs[method], {
          kind: "number",
          type: "float64",
          scalar: true,
          width: 1,
          values: Float64Array.of(3, 7),
        });
      }
      for (let call = 0; call < 5; call++) await model.predictor.predict(batch);
      assert.equal(server.calls.filter(({ url }) => url.endsWith("/infer")).length, 6);
      // A second one may be opened while the first is still finishing its last answer.
      assert.ok(server.connections() <= 2, `${server.connections()} connections`);
      assert.equal((await loadPredictor([uri])).digest, model.digest);
      await assert.rejects(async () => model.predictor.predict(batch, { methods: ["z"] }), { code: "MODEL_METHOD" });
      const none = await model.predictor.predict({
        kind: "matrix",
        rowCount: 0,
        width: 2,
        values: new Float64Array(0),
      });
      assert.equal(none.rowCount, 0);
    });
  }

  test("keeps the token in a header, and out of every message", async () => {
    await using server = await sound((_, response) => json(response, {}, 401));
    const { predictor } = await loadRemote(`oip+http://${server.host}/v2/models/m`, { token: "secret-token" });
    await assert.rejects(
      async () => predictor.predict(batch),
      (error: Error) => {
        assert.ok(!JSON.stringify([error.message, error.stack]).includes("secret-token"));
        return true;
      },
    );
    assert.deepEqual(
      new Set(server.calls.map(({ headers }) => headers.authorization)),
      new Set(["Bearer secret-token"]),
    );
  });

  const answers: readonly [string, string, unknown, number?][] = [
    ["no JSON object", "REMOTE_ANSWER", []],
    ["no outputs", "REMOTE_ANSWER", { model_name: "m" }],
    ["another output", "REMOTE_ANSWER", { outputs: [{ ...y, name: "z", shape: [2], data: [1, 2] }] }],
    ["too few rows", "REMOTE_ANSWER", { outputs: [{ ...y, shape: [1, 1], data: [1] }] }],
    ["too many rows", "REMOTE_ANSWER", { outputs: [{ ...y, shape: [3], data: [1, 2, 3] }] }],
    ["another length than its shape", "REMOTE_ANSWER", { outputs: [{ ...y, shape: [2, 1], data: [1] }] }],
    ["a huge shape", "REMOTE_ANSWER", { outputs: [{ ...y, shape: [2, 2 ** 40], data: [1] }] }],
    ["a negative shape", "REMOTE_ANSWER", { outputs: [{ ...y, shape: [-1, 1], data: [1] }] }],
    ["texts for numbers", "REMOTE_ANSWER", { outputs: [{ ...y, datatype: "BYTES", shape: [2], data: ["a", "b"] }] }],
    ["an unknown datatype", "REMOTE_ANSWER", { outputs: [{ ...y, datatype: "FP128", shape: [2], data: [1, 2] }] }],
    ["status 400", "REMOTE_REFUSED", { error: "bad" }, 400],
    ["status 404", "REMOTE_MISSING", { error: "gone" }, 404],
    ["status 500", "REMOTE_ANSWER", { error: "trace" }, 500],
  ];
  for (const [what, code, body, code_ = 200] of answers) {
    test(`that answers with ${what} is ${code}`, async () => {
      await using server = await sound((_, response) => json(response, body, code_));
      assert.equal(await predictCode(server.host), code);
    });
  }

  test("that answers something else than JSON, cuts its answer or sends no end of it, is refused in time", async () => {
    const faults: readonly ((response: ServerResponse) => void)[] = [
      (response) => response.end("<html>"),
      (response) => response.end(Buffer.from([0xff, 0xfe])),
      (response) => {
        response.writeHead(200, { "content-length": "1000" }).write("{");
        setTimeout(() => response.destroy(), 20);
      },
      (response) => {
        const more = (): void => {
          if (response.write("x".repeat(65_536)) && !response.destroyed) setImmediate(more);
          else response.once("drain", more);
        };
        more();
      },
      (response) => response.writeHead(200, { "inference-header-content-length": "99999" }).end("{}"),
      (response) => response.writeHead(307, { location: "http://192.0.2.1/v2" }).end(),
      (response) => response.writeHead(308, { location: "/v2/models/m/infer" }).end(),
    ];
    for (const fault of faults) {
      await using server = await sound((_, response) => fault(response));
      assert.equal(
        await predictCode(server.host, { maxAnswerBytes: 2 ** 20, timeoutMs: 5000 }),
        "REMOTE_ANSWER",
        String(fault),
      );
    }
  });

  test("that is silent is a timeout", async () => {
    await using server = await sound(() => {});
    assert.equal(await predictCode(server.host, { timeoutMs: 200 }), "REMOTE_TIMEOUT");
  });

  test("that is busy for a moment is asked again, and not for ever", async () => {
    let busy = 2;
    await using server = await sound((call, response) => {
      if (busy-- > 0) return json(response, {}, 503);
      const answer = { modelName: "m", modelVersion: null, id: null, parameters: {}, outputs: sums(call) };
      return response.end(encodeInferResponse(answer).bytes);
    });
    assert.equal(await predictCode(server.host), "none");
    busy = 100;
    assert.equal(await predictCode(server.host), "REMOTE_UNAVAILABLE");
    assert.equal(server.calls.filter(({ url }) => url.endsWith("/infer")).length, 6);
  });

  test("that nobody serves is unavailable", async () => {
    const server = await sound(() => {});
    await server[Symbol.asyncDispose]();
    assert.equal(await codeOf(loadRemote(`oip+http://${server.host}/v2/models/m`)), "REMOTE_UNAVAILABLE");
    assert.equal(await codeOf(loadRemote(`oip+grpc://${server.host}/m`)), "REMOTE_UNAVAILABLE");
  });
});

describe("a remote model over gRPC", () => {
  type Reply = (error: object | null, answer?: object) => void;
  const shaped = (tensor: typeof x) => ({ ...tensor });
  const about = (_: unknown, reply: Reply): void =>
    reply(null, { ...metadata, inputs: [shaped(x)], outputs: [shaped(y)] });

  test("that lies, refuses, is silent or not there is a typed error", async () => {
    const output = { name: "y", datatype: "FP64", shape: [2, 1], contents: { fp64_contents: [1, 2] } };
    const cases: readonly [string, (call: unknown, reply: Reply) => void][] = [
      ["none", (_, reply) => reply(null, { outputs: [output] })],
      [
        "none",
        (_, reply) =>
          reply(null, { outputs: [{ ...output, contents: null }], raw_output_contents: [new Uint8Array(16)] }),
      ],
      [
        "REMOTE_ANSWER",
        (_, reply) =>
          reply(null, { outputs: [{ ...output, contents: null }], raw_output_contents: [new Uint8Array(15)] }),
      ],
      ["REMOTE_ANSWER", (_, reply) => reply(null, { outputs: [{ ...output, shape: [1] }] })],
      ["REMOTE_ANSWER", (_, reply) => reply(null, {})],
      ["REMOTE_REFUSED", (_, reply) => reply({ code: status.INVALID_ARGUMENT, details: "x" })],
      ["REMOTE_MISSING", (_, reply) => reply({ code: status.NOT_FOUND, details: "x" })],
      ["REMOTE_ANSWER", (_, reply) => reply({ code: status.INTERNAL, details: "x" })],
      ["REMOTE_ANSWER", (_, reply) => reply({ code: status.UNAUTHENTICATED, details: "x" })],
      ["REMOTE_UNAVAILABLE", (_, reply) => reply({ code: status.UNAVAILABLE, details: "x" })],
      ["REMOTE_TIMEOUT", () => {}],
      ["REMOTE_ANSWER", (_, reply) => reply(null, { outputs: [output], model_name: "x".repeat(2 ** 20) })],
    ];
    for (const [code, ModelInfer] of cases) {
      await using server = await grpcServer({ ModelMetadata: about, ModelInfer });
      const { predictor } = await loadRemote(`oip+grpc://${server.host}/m`, {
        timeoutMs: 1500,
        maxAnswerBytes: 2 ** 19,
      });
      assert.equal(await codeOf(predictor.predict(batch)), code, String(ModelInfer));
      predictor.close();
    }
  });
});

describe("the inputs of a remote model", () => {
  async function inputOf(inputs: readonly object[]): Promise<string> {
    await using server = await httpServer((call, response) =>
      json(response, call.url === "/v2" ? {} : { ...metadata, inputs }),
    );
    return await codeOf(
      loadRemote(`oip+http://${server.host}/v2/models/m`).then(({ predictor }) => {
        assert.notEqual(predictor.input.kind, "records");
      }),
    );
  }

  test("must say how many cells a row has", async () => {
    assert.equal(await inputOf([x]), "none");
    assert.equal(await inputOf([{ ...x, shape: [-1] }]), "none");
    assert.equal(await inputOf([]), "REMOTE_INPUTS");
    assert.equal(await inputOf([{ ...x, shape: [-1, -1] }]), "none");
    assert.equal(await inputOf([{ ...x, shape: [-1, -1], datatype: "BYTES" }]), "REMOTE_INPUTS");
    assert.equal(await inputOf([{ ...x, shape: [4] }]), "REMOTE_INPUTS");
    assert.equal(await inputOf([{ ...x, shape: [-1, 2 ** 20] }]), "REMOTE_INPUTS");
    assert.equal(await inputOf([{ ...x, shape: [-1, 2 ** 26, 2 ** 26] }]), "REMOTE_INPUTS");
    assert.equal(await inputOf([{ ...x, shape: [-7] }]), "REMOTE_ANSWER");
    assert.equal(await inputOf([x, x]), "REMOTE_ANSWER");
    assert.equal(await inputOf([{ ...x, datatype: "no" }]), "REMOTE_ANSWER");
  });
});
