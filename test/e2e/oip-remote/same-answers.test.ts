// The same requests to a real MLServer and to us, over the same files: the same tensors come back; where MLServer answers nonsense with
// 200 or 500, we say 400.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type ServedGrpc, serveGrpc } from "../../doors/web/grpc/serve-grpc.ts";
import { findMlserver, type Mlserver, startMlserver } from "./mlserver.ts";

const python = await findMlserver();

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever a server says
  readonly json: any;
}

describe("beside MLServer 1.7.1", { skip: python === undefined && "MLServer is not installed" }, () => {
  let theirs: Mlserver;
  let ours: ServedGrpc;
  before(async () => {
    theirs = await startMlserver(python ?? "");
    ours = await serveGrpc([join(theirs.folder, "classes/model.pkl")]);
  });
  after(async () => {
    await ours?.[Symbol.asyncDispose]();
    await theirs?.[Symbol.asyncDispose]();
  });

  const ask = async (address: string, model: string, body: object): Promise<Answer> => {
    const response = await fetch(`http://${address}/v2/models/${model}/infer`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, json: await response.json().catch(() => null) };
  };
  const both = async (body: object): Promise<readonly [Answer, Answer]> => [
    await ask(theirs.http, "classes", body),
    await ask(`127.0.0.1:${ours.port}`, "model", body),
  ];
  const matrix = { name: "input-0", datatype: "FP64", shape: [2, 4], data: [0.1, 0.2, 0.3, 0.4, 1, -2, 0.5, 0] };

  test("the default output and chosen ones are the same tensors", async () => {
    for (const outputs of [undefined, [{ name: "predict" }, { name: "predict_proba" }], [{ name: "predict_proba" }]]) {
      const [them, us] = await both({ id: "7", inputs: [matrix], outputs });
      assert.deepEqual([them.status, us.status], [200, 200]);
      const plain = ({ json }: Answer): unknown =>
        json.outputs.map(({ name, shape, datatype, data }: Record<string, unknown>) => ({
          name,
          shape,
          datatype,
          data,
        }));
      assert.deepEqual(plain(us), plain(them));
      assert.equal(us.json.id, them.json.id);
    }
  });

  test("nested data and whole numbers are the same", async () => {
    for (const input of [
      {
        ...matrix,
        data: [
          [0.1, 0.2, 0.3, 0.4],
          [1, -2, 0.5, 0],
        ],
      },
      { ...matrix, datatype: "INT32", data: [1, 2, 3, 4, 5, 6, 7, 8] },
      { ...matrix, datatype: "FP32" },
    ]) {
      const [them, us] = await both({ inputs: [input] });
      assert.deepEqual(us.json.outputs[0].data, them.json.outputs[0].data);
    }
  });

  test("what is wrong is 400 here", async () => {
    const wrong = [
      { ...matrix, name: "wrong" },
      { ...matrix, shape: [2, 3], data: matrix.data.slice(0, 6) },
      { ...matrix, shape: [3, 4] },
      { ...matrix, shape: [-2, 4] },
      { ...matrix, datatype: "BYTES", data: matrix.data.map(String) },
      { ...matrix, data: ["a", 2, 3, 4, 5, 6, 7, 8] },
    ];
    for (const input of wrong) {
      const { status, json } = await ask(`127.0.0.1:${ours.port}`, "model", { inputs: [input] });
      assert.equal(status, 400);
      assert.deepEqual(Object.keys(json), ["error"]);
    }
  });
});
