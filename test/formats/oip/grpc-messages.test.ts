// Messages over the real protobuf library: what is written is read back the same, and lies are typed errors.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fromJSON, type MethodDefinition } from "@grpc/proto-loader";
import fc from "fast-check";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { oipDescriptor, oipLoaderOptions } from "../../../src/formats/oip/grpc-descriptor.ts";
import {
  inferRequestFromMessage,
  inferRequestToMessage,
  inferResponseFromMessage,
  inferResponseToMessage,
  type NamedInferRequest,
} from "../../../src/formats/oip/grpc-messages.ts";
import { readModelMetadata } from "../../../src/formats/oip/model-metadata.ts";
import { oipTensor } from "../../../src/formats/oip/tensor.ts";
import { plain, tensors } from "./tensor-cases.ts";

const service = fromJSON(oipDescriptor as Parameters<typeof fromJSON>[0], oipLoaderOptions)[
  "inference.GRPCInferenceService"
];

function method(name: string): MethodDefinition<object, object> {
  return (service as unknown as Readonly<Record<string, MethodDefinition<object, object>>>)[name] as MethodDefinition<
    object,
    object
  >;
}

const infer = method("ModelInfer");

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (isTrimaranError(error)) return error.code;
    throw error;
  }
  return "none";
}

const named = { modelName: "m", modelVersion: "2", id: "i", outputs: [{ name: "y", parameters: {} }] };

describe("a gRPC request", () => {
  for (const raw of [false, true]) {
    test(`is read back as it was written, with ${raw ? "raw bytes" : "contents"}`, () => {
      const inputs = fc.uniqueArray(tensors({ text: false, raw: true }), {
        selector: ({ name }) => name,
        minLength: 1,
        maxLength: 3,
      });
      fc.assert(
        fc.property(inputs, (some) => {
          const written: NamedInferRequest = {
            ...named,
            parameters: { a: 2n ** 63n, b: -5, c: 1.5, d: true, e: "t" },
            inputs: some,
            raw,
          };
          const read = inferRequestFromMessage(
            infer.requestDeserialize(infer.requestSerialize(inferRequestToMessage(written))),
          );
          assert.deepEqual(read.inputs.map(plain), some.map(plain));
          assert.deepEqual(
            [read.parameters, read.modelName, read.modelVersion, read.id, read.outputs],
            [written.parameters, "m", "2", "i", named.outputs],
          );
          assert.equal(read.raw, raw || some.some(({ datatype }) => datatype === "BF16" || datatype === "FP16"));
          const response = { modelName: "m", modelVersion: null, id: null, parameters: {}, outputs: some };
          const message = infer.responseDeserialize(infer.responseSerialize(inferResponseToMessage(response, { raw })));
          assert.deepEqual(inferResponseFromMessage(message).outputs.map(plain), some.map(plain));
        }),
        { numRuns: 300 },
      );
    });
  }

  test("may mix contents and raw bytes, as MLServer lets it: the bytes are for those without contents", () => {
    const message = {
      inputs: [
        { name: "a", datatype: "FP64", shape: [1], contents: { fp64_contents: [1.5] } },
        { name: "b", datatype: "INT8", shape: [1] },
      ],
      raw_input_contents: [Uint8Array.of(0xff)],
    };
    const read = inferRequestFromMessage(infer.requestDeserialize(infer.requestSerialize(message)));
    assert.deepEqual(
      read.inputs.map(({ data }) => [...data]),
      [[1.5], [-1]],
    );
  });

  test("whose parts do not fit together is refused", () => {
    const input = { name: "a", datatype: "FP64", shape: [2], contents: { fp64_contents: [1, 2] } };
    const code = (message: object): string =>
      codeOf(() => inferRequestFromMessage(infer.requestDeserialize(infer.requestSerialize(message))));
    assert.equal(code({ inputs: [input] }), "none");
    assert.equal(code({}), "OIP_REQUEST");
    assert.equal(code({ inputs: [input], raw_input_contents: [new Uint8Array(16)] }), "OIP_REQUEST");
    assert.equal(code({ inputs: [{ ...input, contents: null }] }), "OIP_DATA");
    assert.equal(code({ inputs: [{ ...input, contents: { fp32_contents: [1, 2] } }] }), "OIP_DATA");
    assert.equal(code({ inputs: [{ ...input, contents: { fp64_contents: [1, 2], int_contents: [1] } }] }), "OIP_DATA");
    assert.equal(code({ inputs: [{ ...input, datatype: "INT8", contents: { int_contents: [1, 300] } }] }), "OIP_DATA");
    assert.equal(code({ inputs: [{ ...input, datatype: "FP16", contents: { fp32_contents: [1, 2] } }] }), "OIP_DATA");
    assert.equal(
      code({ inputs: [{ ...input, contents: null }], raw_input_contents: [new Uint8Array(15)] }),
      "OIP_DATA",
    );
    assert.equal(
      code({
        inputs: [input, { ...input, name: "b", contents: null }],
        raw_input_contents: [new Uint8Array(16), new Uint8Array(16)],
      }),
      "OIP_REQUEST",
    );
    assert.equal(code({ inputs: [{ ...input, shape: [-2] }] }), "OIP_SHAPE");
    assert.equal(code({ inputs: [{ ...input, shape: ["9223372036854775807", 2] }] }), "OIP_SHAPE");
    assert.equal(code({ inputs: [{ ...input, datatype: "" }] }), "OIP_DATATYPE");
    assert.equal(code({ inputs: [input, input] }), "OIP_DUPLICATE");
    assert.equal(code({ inputs: [input], outputs: [{ name: "" }] }), "OIP_REQUEST");
  });
});

test("metadata are read in the official form and in MLServer's, which puts parameters where the other has properties", () => {
  const metadata = method("ModelMetadata");
  const official = {
    name: "m",
    versions: ["1"],
    platform: "p",
    inputs: [{ name: "x", datatype: "FP64", shape: [-1, 4] }],
    properties: { a: "b" },
  };
  const bytes = metadata.responseSerialize(official);
  // Field 6, a map entry {1: "k", 2: InferParameter {string_param (3): "ü"}}, as MLServer writes it.
  const parameters = Uint8Array.of(0x32, 9, 0x0a, 1, 0x6b, 0x12, 4, 0x1a, 2, 0xc3, 0xbc);
  for (const form of [bytes, Buffer.concat([bytes, parameters])]) {
    const read = readModelMetadata(metadata.responseDeserialize(form));
    assert.deepEqual(read.inputs, [{ name: "x", datatype: "FP64", shape: [-1, 4] }]);
    assert.deepEqual([read.name, read.versions, read.platform, read.outputs], ["m", ["1"], "p", []]);
  }
});

test("a message that is cut or damaged is refused by the reader of the wire or by ours, and changes nothing", () => {
  const inputs = [oipTensor({ name: "a", datatype: "FP32", shape: [2, 1], data: Float32Array.of(1, 2) })];
  const bytes = infer.requestSerialize(inferRequestToMessage({ ...named, parameters: { a: 1 }, inputs, raw: false }));
  const read = (some: Uint8Array): string => {
    let message: object;
    try {
      message = infer.requestDeserialize(Buffer.from(some));
    } catch (error) {
      return error instanceof Error ? "wire" : "strange";
    }
    return codeOf(() => inferRequestFromMessage(message));
  };
  for (let length = 0; length < bytes.length; length++)
    assert.match(read(bytes.subarray(0, length)), /^(wire|none|OIP_)/);
  for (let at = 0; at < bytes.length * 8; at++) {
    const flipped = Uint8Array.from(bytes);
    flipped[at >> 3] = (flipped[at >> 3] as number) ^ (1 << (at & 7));
    assert.match(read(flipped), /^(wire|none|OIP_)/);
  }
});
