// The real tritonclient: its recorded requests are read, and it reads our answers.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { fromJSON, type MethodDefinition } from "@grpc/proto-loader";
import { decodeInferRequest, encodeInferResponse } from "../../../src/formats/oip/binary-body.ts";
import { oipDescriptor, oipLoaderOptions } from "../../../src/formats/oip/grpc-descriptor.ts";
import { inferRequestFromMessage, inferResponseToMessage } from "../../../src/formats/oip/grpc-messages.ts";
import { wantsBinary } from "../../../src/formats/oip/infer.ts";
import { type OipTensor, oipTensor } from "../../../src/formats/oip/tensor.ts";
import { findTritonClient } from "./triton-environment.ts";

interface Recorded {
  readonly form: "http" | "grpc";
  readonly datatype: string;
  readonly header: number | null;
  readonly shape: readonly number[];
  readonly body: string;
  /** As Python's `str` prints them. */
  readonly values: readonly string[];
}

const recorded = JSON.parse(readFileSync(new URL("recorded/tritonclient-2.73.0.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Recorded[];
};
const service = fromJSON(oipDescriptor as Parameters<typeof fromJSON>[0], oipLoaderOptions)[
  "inference.GRPCInferenceService"
];
const infer = (service as unknown as Readonly<Record<string, MethodDefinition<object, object>>>)[
  "ModelInfer"
] as MethodDefinition<object, object>;

function sameAsPython({ datatype, data }: OipTensor, printed: readonly string[]): void {
  assert.equal(data.length, printed.length);
  for (const [at, text] of printed.entries()) {
    const value = data[at];
    if (datatype === "BOOL") assert.equal(value, text === "True" ? 1 : 0);
    else if (typeof value === "bigint" || typeof value === "string") assert.equal(String(value), text);
    else assert.equal(value, Number(text));
  }
}

const python = await findTritonClient();

describe("tritonclient 2.73.0", () => {
  for (const { form, datatype, header, shape, body, values } of recorded.cases) {
    const binary = form === "http" && header !== null;
    test(`${form}${binary ? " with raw bytes" : ""}: ${datatype} is read as it was meant`, () => {
      const bytes = new Uint8Array(Buffer.from(body, "base64"));
      const request =
        form === "http"
          ? decodeInferRequest({ bytes, header: header === null ? null : String(header) })
          : inferRequestFromMessage(infer.requestDeserialize(Buffer.from(bytes)));
      const [tensor] = request.inputs;
      assert.ok(tensor !== undefined);
      assert.deepEqual([request.id, tensor.name, tensor.datatype, tensor.shape], ["r-1", "x", datatype, shape]);
      sameAsPython(tensor, values);
      assert.deepEqual(
        request.outputs.map(({ name }) => name),
        ["y"],
      );
      if (form === "http") assert.equal(wantsBinary(request, "y"), !binary);
      else assert.deepEqual([request.raw, request.parameters["weight"], request.parameters["n"]], [true, 2.5, 3]);
    });
  }

  test("reads our answers: JSON, raw bytes and gRPC", {
    skip: python === undefined && "tritonclient is not installed",
  }, () => {
    const outputs: readonly OipTensor[] = [
      oipTensor({ name: "f64", datatype: "FP64", shape: [2, 1], data: Float64Array.of(0.1, -1e300) }),
      oipTensor({ name: "f32", datatype: "FP32", shape: [2], data: Float32Array.of(0.1, Number.NaN) }),
      oipTensor({
        name: "i64",
        datatype: "INT64",
        shape: [2, 1],
        data: BigInt64Array.of(2n ** 53n + 1n, -(2n ** 63n)),
      }),
      oipTensor({ name: "u8", datatype: "UINT8", shape: [1, 2], data: Uint8Array.of(0, 255) }),
      oipTensor({ name: "ok", datatype: "BOOL", shape: [2], data: Uint8Array.of(1, 0) }),
      oipTensor({ name: "text", datatype: "BYTES", shape: [2], data: ["ü€😀", ""] }),
    ];
    const response = { modelName: "m", modelVersion: "3", id: "r", parameters: {}, outputs };
    const names = outputs.map(({ name }) => name);
    const bodies = [() => false, () => true, ({ name }: OipTensor) => name > "g"].map((binary) => {
      const { bytes, headerLength } = encodeInferResponse(response, binary);
      return { form: "http", header: headerLength, body: Buffer.from(bytes).toString("base64"), names };
    });
    // A gRPC answer it reads as raw bytes only, and it asks with raw bytes always.
    const message = infer.responseSerialize(inferResponseToMessage(response, { raw: true }));
    bodies.push({ form: "grpc", header: null, body: message.toString("base64"), names });
    const script = fileURLToPath(new URL("triton_client.py", import.meta.url));
    const told: unknown = JSON.parse(
      execFileSync(python ?? "", [script, "read"], { input: JSON.stringify(bodies), encoding: "utf8" }),
    );
    const expected = {
      version: "3",
      outputs: {
        f64: { dtype: "float64", shape: [2, 1], values: ["0.1", "-1e+300"] },
        f32: { dtype: "float32", shape: [2], values: ["0.10000000149011612", "nan"] },
        i64: { dtype: "int64", shape: [2, 1], values: ["9007199254740993", "-9223372036854775808"] },
        u8: { dtype: "uint8", shape: [1, 2], values: ["0", "255"] },
        ok: { dtype: "bool", shape: [2], values: ["True", "False"] },
        text: { dtype: "object", shape: [2], values: ["ü€😀", ""] },
      },
    };
    assert.deepEqual(
      told,
      bodies.map(() => expected),
    );
  });
});
