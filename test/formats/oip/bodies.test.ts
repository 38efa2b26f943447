// HTTP bodies: what is written is read back the same, and whatever is not sound is a typed error.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isTrimaranError } from "../../../src/base/errors.ts";
import {
  decodeInferRequest,
  decodeInferResponse,
  encodeInferRequest,
  encodeInferResponse,
  type OipBody,
} from "../../../src/formats/oip/binary-body.ts";
import { fromHalf, toBfloat, toHalf } from "../../../src/formats/oip/half-float.ts";
import { chooseOutputs, type InferRequest, wantsBinary } from "../../../src/formats/oip/infer.ts";
import { parseOipJson, readInferRequest } from "../../../src/formats/oip/json-body.ts";
import { oipTensor } from "../../../src/formats/oip/tensor.ts";
import { plain, tensors } from "./tensor-cases.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const received = ({ bytes, headerLength }: OipBody) => ({
  bytes,
  header: headerLength === null ? null : String(headerLength),
});

function request(input: Readonly<Record<string, unknown>>): unknown {
  return { inputs: [{ name: "x", shape: [2], datatype: "FP64", data: [1, 2], ...input }] };
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (isTrimaranError(error)) return error.code;
    throw error;
  }
  return "none";
}

const codeOfInput = (input: Readonly<Record<string, unknown>>): string =>
  codeOf(() => readInferRequest(request(input)));

describe("a request body", () => {
  test("of JSON is read back as it was written, whatever the datatype", () => {
    fc.assert(
      fc.property(tensors({ text: true, raw: false }), (tensor) => {
        const written: InferRequest = { id: "a", parameters: { p: 0.1 }, inputs: [tensor], outputs: [], raw: false };
        const read = decodeInferRequest(received(encodeInferRequest(written)));
        assert.deepEqual(read.inputs.map(plain), [plain(tensor)]);
        assert.deepEqual([read.id, read.parameters], ["a", { p: 0.1 }]);
      }),
      { numRuns: 400 },
    );
  });

  test("with raw bytes behind the JSON is read back as it was written, in any mixture", () => {
    const several = fc.uniqueArray(tensors({ text: true, raw: true }), {
      selector: ({ name }) => name,
      maxLength: 4,
      minLength: 1,
    });
    fc.assert(
      fc.property(several, fc.array(fc.boolean(), { minLength: 4 }), (inputs, raw) => {
        const isRaw = new Map(inputs.map(({ name, datatype }, at) => [name, datatype === "BF16" || raw[at] === true]));
        const written: InferRequest = { id: null, parameters: {}, inputs, outputs: [], raw: false };
        const body = encodeInferRequest(written, ({ name }) => isRaw.get(name) === true);
        assert.deepEqual(decodeInferRequest(received(body)).inputs.map(plain), inputs.map(plain));
      }),
      { numRuns: 400 },
    );
  });

  test("keeps bytes that are no text as bytes", () => {
    const tensor = oipTensor({ name: "x", datatype: "BYTES", shape: [1], data: [Uint8Array.of(0xff, 0xfe)] });
    const body = encodeInferResponse(
      { modelName: "m", modelVersion: "1", id: null, parameters: {}, outputs: [tensor] },
      () => true,
    );
    assert.deepEqual(decodeInferResponse(received(body)).outputs[0]?.data, [Uint8Array.of(0xff, 0xfe)]);
  });

  test("takes nulls where MLServer's own client writes them", () => {
    const read = readInferRequest({
      id: null,
      parameters: { content_type: null, headers: {} },
      inputs: [{ name: "x", shape: [1, 2], datatype: "FP32", parameters: null, data: [[1, null]] }],
      outputs: null,
    });
    assert.deepEqual([read.id, read.parameters, [...(read.inputs[0]?.data ?? [])]], [null, {}, [1, Number.NaN]]);
  });

  test("keeps whole numbers beyond 2^53 exact, and refuses those that were rounded before", () => {
    const text =
      '{"inputs":[{"name":"x","shape":[2],"datatype":"INT64","data":[9007199254740993,-9223372036854775808]}]}';
    assert.deepEqual(
      [...(readInferRequest(parseOipJson(text)).inputs[0]?.data ?? [])],
      [9007199254740993n, -(2n ** 63n)],
    );
    assert.equal(codeOfInput({ datatype: "INT64", data: [2 ** 53, 1] }), "OIP_DATA");
    assert.equal(codeOfInput({ datatype: "INT64", data: [2n ** 63n, 1n] }), "OIP_DATA");
    assert.equal(codeOfInput({ datatype: "UINT64", data: [-1, 1] }), "OIP_DATA");
  });

  test("may be nested as its shape is, and not otherwise", () => {
    assert.equal(
      codeOfInput({
        shape: [2, 2],
        data: [
          [1, 2],
          [3, 4],
        ],
      }),
      "none",
    );
    assert.equal(codeOfInput({ shape: [2, 2], data: [1, 2, 3, 4] }), "none");
    assert.equal(
      codeOfInput({
        shape: [2, 3],
        data: [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      }),
      "OIP_SHAPE",
    );
    assert.equal(codeOfInput({ shape: [4], data: [[1, 2, 3], [4]] }), "OIP_SHAPE");
    assert.equal(codeOfInput({ shape: [2], data: [1, [2]] }), "OIP_SHAPE");
    let deep: unknown = 1;
    for (let level = 0; level < 2000; level++) deep = [deep];
    assert.equal(codeOfInput({ shape: [1], data: deep }), "OIP_SHAPE");
  });

  test("is refused with a code for everything that cannot be", () => {
    const codes: readonly [string, Readonly<Record<string, unknown>>][] = [
      ["OIP_SHAPE", { shape: [-2] }],
      ["OIP_SHAPE", { shape: [-1] }],
      ["OIP_SHAPE", { shape: [1.5] }],
      ["OIP_SHAPE", { shape: ["2"] }],
      ["OIP_SHAPE", { shape: [2 ** 53, 0] }],
      ["OIP_SHAPE", { shape: [1e6, 1e6] }],
      ["OIP_SHAPE", { shape: new Array(17).fill(1) }],
      ["OIP_SHAPE", { shape: null }],
      ["OIP_SHAPE", { data: [1] }],
      ["OIP_SHAPE", { data: [1, 2, 3] }],
      ["OIP_DATATYPE", { datatype: "fp64" }],
      ["OIP_DATATYPE", { datatype: "__proto__" }],
      ["OIP_DATATYPE", { datatype: "toString" }],
      ["OIP_DATATYPE", { datatype: undefined }],
      ["OIP_DATATYPE", { datatype: "BF16" }],
      ["OIP_DATA", { data: undefined }],
      ["OIP_DATA", { data: "12" }],
      ["OIP_DATA", { data: ["1", "2"] }],
      ["OIP_DATA", { data: [true, false] }],
      ["OIP_DATA", { datatype: "INT32", data: [1.5, 2] }],
      ["OIP_DATA", { datatype: "INT32", data: [null, 2] }],
      ["OIP_DATA", { datatype: "INT8", data: [128, 2] }],
      ["OIP_DATA", { datatype: "UINT8", data: [-1, 2] }],
      ["OIP_DATA", { datatype: "BOOL", data: [2, 0] }],
      ["OIP_DATA", { datatype: "BYTES", data: [1, 2] }],
      ["OIP_DATA", { datatype: "BYTES", data: ["\ud800", ""] }],
      ["OIP_DATA", { parameters: { binary_data_size: 16 }, data: undefined }],
      ["OIP_DATA", { parameters: { binary_data_size: 16 } }],
      ["OIP_REQUEST", { name: "" }],
      ["OIP_REQUEST", { name: 1 }],
      ["OIP_REQUEST", { name: "x".repeat(2000) }],
      ["OIP_REQUEST", { parameters: [] }],
    ];
    for (const [code, input] of codes) assert.equal(codeOfInput(input), code, JSON.stringify(input));
    assert.equal(
      codeOf(() => readInferRequest({ inputs: [] })),
      "OIP_REQUEST",
    );
    assert.equal(
      codeOf(() => readInferRequest({})),
      "OIP_REQUEST",
    );
    assert.equal(
      codeOf(() => readInferRequest([])),
      "OIP_REQUEST",
    );
    assert.equal(
      codeOf(() => readInferRequest(null)),
      "OIP_REQUEST",
    );
    assert.equal(
      codeOf(() => readInferRequest({ inputs: [null] })),
      "OIP_REQUEST",
    );
    assert.equal(
      codeOf(() => parseOipJson("{")),
      "OIP_REQUEST",
    );
    const one = { name: "x", shape: [1], datatype: "FP64", data: [1] };
    assert.equal(
      codeOf(() => readInferRequest({ inputs: [one, one] })),
      "OIP_DUPLICATE",
    );
    assert.equal(
      codeOf(() => readInferRequest({ inputs: [one], outputs: [{ name: "a" }, { name: "a" }] })),
      "OIP_DUPLICATE",
    );
    assert.equal(
      codeOf(() => readInferRequest({ inputs: [one, one] }, { maxTensors: 1 })),
      "OIP_LIMIT",
    );
  });

  test("changes no prototype, and names that objects inherit are names like others", () => {
    const text =
      '{"__proto__":{"id":"no"},"inputs":[{"name":"__proto__","shape":[1],"datatype":"FP64","data":[1],"parameters":{"__proto__":{"a":1},"constructor":"c"}}]}';
    const read = readInferRequest(parseOipJson(text));
    assert.deepEqual([read.id, read.inputs[0]?.name], [null, "__proto__"]);
    assert.deepEqual(Object.keys(read.inputs[0]?.parameters ?? {}), ["constructor"]);
    assert.equal(({} as Record<string, unknown>)["a"], undefined);
  });

  test("says by output which come back as raw bytes", () => {
    const of = (parameters: object, outputs: readonly unknown[]) =>
      readInferRequest({ ...(request({}) as object), parameters, outputs });
    assert.equal(wantsBinary(of({ binary_data_output: true }, []), "y"), true);
    assert.equal(
      wantsBinary(of({ binary_data_output: true }, [{ name: "y", parameters: { binary_data: false } }]), "y"),
      false,
    );
    assert.equal(wantsBinary(of({}, [{ name: "y", parameters: { binary_data: true } }]), "y"), true);
    assert.equal(wantsBinary(of({}, [{ name: "y" }]), "y"), false);
    assert.deepEqual(chooseOutputs(of({}, [{ name: "b" }]), ["a", "b"]), ["b"]);
    assert.equal(
      codeOf(() => chooseOutputs(of({}, [{ name: "c" }]), ["a", "b"])),
      "OIP_OUTPUT",
    );
  });
});

describe("a binary body", () => {
  const inputs = [
    oipTensor({ name: "a", datatype: "FP32", shape: [2, 1], data: Float32Array.of(1, 2) }),
    oipTensor({ name: "b", datatype: "BYTES", shape: [2], data: ["ü", "xyz"] }),
    oipTensor({ name: "c", datatype: "BOOL", shape: [2], data: Uint8Array.of(1, 0) }),
  ];
  const body = encodeInferRequest({ id: "i", parameters: {}, inputs, outputs: [], raw: false }, () => true);
  const json = new TextDecoder().decode(body.bytes.subarray(0, body.headerLength ?? 0));
  const lie = (from: string, to: string): string =>
    codeOf(() => {
      const head = bytesOf(json.replace(from, to));
      const bytes = Uint8Array.of(...head, ...body.bytes.subarray(body.headerLength ?? 0));
      decodeInferRequest({ bytes, header: String(head.length) });
    });

  test("that is cut anywhere is refused", () => {
    for (let length = 0; length < body.bytes.length; length++) {
      const code = codeOf(() =>
        decodeInferRequest({ bytes: body.bytes.subarray(0, length), header: String(body.headerLength) }),
      );
      assert.match(code, /^OIP_/, `${length} bytes`);
    }
  });

  test("with any bit flipped is refused or read, never anything else", () => {
    for (let at = 0; at < body.bytes.length * 8; at++) {
      const bytes = body.bytes.slice();
      bytes[at >> 3] = (bytes[at >> 3] as number) ^ (1 << (at & 7));
      const code = codeOf(() => decodeInferRequest({ bytes, header: String(body.headerLength) }));
      assert.match(code, /^(OIP_|none)/);
    }
  });

  test("whose header lies is refused", () => {
    for (const header of ["0", "-1", "1e2", "", "9".repeat(40), "0x10", String(body.bytes.length + 1), "1, 2"]) {
      assert.equal(
        codeOf(() => decodeInferRequest({ bytes: body.bytes, header })),
        "OIP_BINARY",
        header,
      );
    }
    assert.match(
      codeOf(() => decodeInferRequest({ bytes: body.bytes, header: "10" })),
      /^OIP_/,
    );
    assert.match(
      codeOf(() => decodeInferRequest({ bytes: body.bytes, header: null })),
      /^OIP_/,
    );
  });

  test("whose sizes lie is refused", () => {
    assert.equal(lie('size":8', 'size":9'), "OIP_DATA");
    assert.equal(lie('size":8', 'size":999999999'), "OIP_BINARY");
    assert.equal(lie('size":8', 'size":-8'), "OIP_BINARY");
    assert.equal(lie('size":8', 'size":"8"'), "OIP_BINARY");
    assert.equal(lie("[2,1]", "[67108864]"), "OIP_DATA");
    assert.equal(lie('"shape":[2],"datatype":"BYTES"', '"shape":[67108864],"datatype":"BYTES"'), "OIP_DATA");
    assert.equal(lie(',"parameters":{"binary_data_size":2}', ',"data":[true,false]'), "OIP_BINARY");
  });

  test("whose BYTES lengths lie is refused", () => {
    const at = body.bytes.length - 2 - (4 + 2 + 4 + 3);
    for (const length of [0, 3, 5, 0xff_ff_ff_ff]) {
      const bytes = body.bytes.slice();
      new DataView(bytes.buffer).setUint32(at, length, true);
      assert.equal(
        codeOf(() => decodeInferRequest({ bytes, header: String(body.headerLength) })),
        "OIP_DATA",
      );
    }
  });

  test("refuses to write a missing text, which raw bytes cannot say", () => {
    const tensor = oipTensor({ name: "x", datatype: "BYTES", shape: [1], data: [null] });
    const response = { modelName: "m", modelVersion: null, id: null, parameters: {}, outputs: [tensor] };
    assert.equal(
      codeOf(() => encodeInferResponse(response, () => true)),
      "OIP_DATA",
    );
    assert.match(new TextDecoder().decode(encodeInferResponse(response).bytes), /"data":\[null\]/);
  });
});

test("16-bit floats go both ways without loss, and round as numpy rounds", () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = fromHalf(bits);
    if (!Number.isNaN(value)) assert.equal(toHalf(value), bits);
  }
  // numpy: np.float16([0.1, 65519.9, 65520, 2049, 2051, 1 + 2**-11, 2**-25, 2**-25 * 1.0001]).view(np.uint16)
  const values = [0.1, 65519.9, 65520, 2049, 2051, 1 + 2 ** -11, 2 ** -25, 2 ** -25 * 1.0001];
  assert.deepEqual(values.map(toHalf), [0x2e66, 0x7bff, 0x7c00, 0x6800, 0x6802, 0x3c00, 0, 1]);
  assert.deepEqual(
    [1, 1 + 2 ** -8, 1 + 3 * 2 ** -8, -0, Number.POSITIVE_INFINITY].map(toBfloat),
    [0x3f80, 0x3f80, 0x3f82, 0x8000, 0x7f80],
  );
});
