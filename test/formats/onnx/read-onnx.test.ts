// ONNX files from strangers: what they say of themselves is read without running them, and a hostile one is refused.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { modelMessage, type OnnxModel } from "../../../src/formats/onnx/onnx-proto.ts";
import { protoFields } from "../../../src/formats/onnx/protobuf-reader.ts";
import {
  type Message,
  type MessageWriter,
  messageBytes,
  messageWriter,
} from "../../../src/formats/onnx/protobuf-writer.ts";
import { readOnnx } from "../../../src/formats/onnx/read-onnx.ts";
import { writeOnnx } from "../../../src/formats/onnx/write-onnx.ts";
import { inspectSource } from "../../../src/formats/read/read-model.ts";
import { loadModel } from "../../../src/loaders/load-model.ts";

const linear = fileURLToPath(new URL("../../../examples/ride-duration/lin_reg.bin", import.meta.url));

const small: OnnxModel = {
  name: "small",
  says: "",
  opsets: [{ domain: "", version: 17 }],
  metadata: {},
  nodes: [{ type: "Add", domain: "", inputs: ["X", "one"], outputs: ["predict"], attributes: {} }],
  constants: [{ name: "one", dims: [1], data: { type: "double", values: Float64Array.of(1) } }],
  inputs: [{ name: "X", type: "double", width: 3, says: "" }],
  outputs: [{ name: "predict", type: "double", width: 3, says: "" }],
};

const bytesOf = (model: OnnxModel): Uint8Array => messageBytes(modelMessage(model));

function message(fill: (out: MessageWriter) => void): Message {
  const out = messageWriter();
  fill(out);
  return out.finish();
}

/** ModelProto around a graph that `fill` writes, with one input and one output. */
function modelAround(fill: (graph: MessageWriter) => void): Uint8Array {
  const port = (name: string): Message =>
    message((out) => {
      out.text(1, name);
      out.message(
        2,
        message((type) =>
          type.message(
            1,
            message((tensor) => {
              tensor.varint(1, 1);
              tensor.message(
                2,
                message((shape) => {
                  shape.message(
                    1,
                    message((dim) => dim.text(2, "n")),
                  );
                  shape.message(
                    1,
                    message((dim) => dim.varint(1, 2)),
                  );
                }),
              );
            }),
          ),
        ),
      );
    });
  return messageBytes(
    message((out) => {
      out.varint(1, 8);
      out.text(2, "test");
      out.message(
        7,
        message((graph) => {
          fill(graph);
          graph.message(11, port("X"));
          graph.message(12, port("Y"));
        }),
      );
    }),
  );
}

describe("readOnnx", () => {
  test("says what our own files take and give", async () => {
    const { graph } = await loadModel([linear]);
    const { bytes } = writeOnnx(graph);
    const { input, methods, signature, operations } = readOnnx(bytes, "lin_reg.onnx");
    assert.equal(input.kind, "table");
    assert.deepEqual(input.kind === "table" && input.columns.map(({ name, type }) => [name, type]), [
      ["PU_DO", "string"],
      ["trip_distance", "number"],
    ]);
    assert.deepEqual(methods, ["predict"]);
    assert.equal(signature.producer, "trimaran");
    assert.ok(operations.includes("ai.onnx.ml.OneHotEncoder"));
  });

  test("leaves out the constants that old files list among their inputs", () => {
    const listed = {
      ...small,
      inputs: [...small.inputs, { name: "one", type: "double", width: 1, says: "" } as const],
    };
    assert.deepEqual(
      readOnnx(bytesOf(listed), "small.onnx").signature.inputs.map(({ name }) => name),
      ["X"],
    );
  });

  test("names an output as a method, as converters name it, or by its place", () => {
    const named = (...names: readonly string[]): readonly string[] =>
      readOnnx(bytesOf({ ...small, outputs: names.map((name) => ({ name, type: "double", width: 1, says: "" })) }), "x")
        .methods;
    assert.deepEqual(named("predict_proba", "predict"), ["predict", "predict_proba"]);
    assert.deepEqual(named("variable"), ["predict"]);
    assert.deepEqual(named("something", "else"), ["predict", "else"]);
    const classifier = readOnnx(
      bytesOf({
        ...small,
        outputs: [
          { name: "class", type: "int64", width: null, says: "" },
          { name: "chances", type: "float", width: 2, says: "" },
        ],
      }),
      "x",
    );
    assert.deepEqual(classifier.methods, ["predict", "predict_proba"]);
  });

  test("refuses tensors in other files, wherever they hide", () => {
    const external = message((tensor) => {
      tensor.text(8, "weights");
      tensor.message(
        13,
        message((entry) => {
          entry.text(1, "location");
          entry.text(2, "../../etc/passwd");
        }),
      );
      tensor.varint(14, 1);
    });
    const flagged = message((tensor) => {
      tensor.text(8, "weights");
      tensor.varint(14, 1);
    });
    const attribute = (field: number, value: Message): Message => message((out) => out.message(field, value));
    const node = (value: Message): Message =>
      message((out) => {
        out.text(4, "Constant");
        out.message(5, value);
      });
    const places: readonly ((graph: MessageWriter) => void)[] = [
      (graph) => graph.message(5, external),
      (graph) => graph.message(5, flagged),
      (graph) =>
        graph.message(
          15,
          message((sparse) => sparse.message(1, external)),
        ),
      (graph) => graph.message(1, node(attribute(5, external))),
      (graph) => graph.message(1, node(attribute(10, external))),
      (graph) =>
        graph.message(
          1,
          node(
            attribute(
              22,
              message((sparse) => sparse.message(2, external)),
            ),
          ),
        ),
      (graph) =>
        graph.message(
          1,
          node(
            attribute(
              6,
              message((inner) => inner.message(5, external)),
            ),
          ),
        ),
      (graph) =>
        graph.message(
          1,
          node(
            attribute(
              11,
              message((inner) => inner.message(1, node(attribute(5, external)))),
            ),
          ),
        ),
    ];
    for (const [index, place] of places.entries()) {
      assert.throws(() => readOnnx(modelAround(place), "hostile.onnx"), { code: "ONNX_EXTERNAL" }, `place ${index}`);
    }
    assert.equal(
      readOnnx(
        modelAround(() => {}),
        "sound.onnx",
      ).methods.length,
      1,
    );
  });

  test("ends at graphs inside graphs without end", () => {
    let inner = message((graph) => graph.text(2, "leaf"));
    for (let depth = 0; depth < 200; depth++) {
      const held = inner;
      const attribute = message((out) => out.message(6, held));
      const node = message((out) => out.message(5, attribute));
      inner = message((graph) => graph.message(1, node));
    }
    const deepest = inner;
    const bytes = messageBytes(
      message((out) => {
        out.varint(1, 8);
        out.message(7, deepest);
      }),
    );
    assert.throws(() => readOnnx(bytes, "deep.onnx"), { code: "FORMAT_LIMIT" });
  });

  test("refuses a file whose inputs are no rows", () => {
    const refuses = (model: OnnxModel, problem: RegExp): void =>
      assert.throws(() => readOnnx(bytesOf(model), "x.onnx"), { code: "ONNX_SIGNATURE", message: problem });
    refuses({ ...small, inputs: [] }, /no inputs/);
    refuses({ ...small, inputs: [{ name: "X", type: "double", width: 2 ** 30, says: "" }] }, /1073741824 columns/);
  });

  test("of a cut or changed file either the signature is read or the error is typed", () => {
    const whole = bytesOf(small);
    const attempt = (bytes: Uint8Array): void => {
      const { onnx, graph, problem } = inspectSource({ kind: "file", name: "small.onnx", bytes });
      assert.ok(onnx !== undefined || graph !== null || isTrimaranError(problem));
    };
    for (let end = 0; end < whole.length; end++) attempt(whole.subarray(0, end));
    for (let at = 0; at < whole.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = whole.slice();
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        attempt(changed);
      }
    }
    assert.equal(Object.keys(Object.prototype).length, 0);
  });
});

describe("protocol buffers", () => {
  test("what is written is read again", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.oneof(fc.maxSafeNat(), fc.uint8Array()))),
        (fields) => {
          const written = message((out) => {
            for (const [number, value] of fields) {
              if (typeof value === "number") out.varint(number, value);
              else out.bytes(number, value);
            }
          });
          const read = [...protoFields(messageBytes(written), "x")].map(({ number, value, bytes }) => [
            number,
            bytes ?? value,
          ]);
          assert.deepEqual(
            read.map(([number, value]) => [number, typeof value === "number" ? value : Array.from(value ?? [])]),
            fields.map(([number, value]) => [number, typeof value === "number" ? value : Array.from(value)]),
          );
        },
      ),
    );
  });

  test("a negative number is 64 bits of two's complement", () => {
    const bytes = messageBytes(message((out) => out.varint(1, -1)));
    assert.deepEqual([...bytes], [8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]);
  });

  test("a length beyond its message is damage, not a read beyond it", () => {
    assert.throws(() => [...protoFields(Uint8Array.of(10, 5, 1), "x")], { code: "FORMAT_DAMAGED" });
    assert.throws(() => [...protoFields(new Uint8Array(12).fill(255), "x")], { code: "FORMAT_DAMAGED" });
  });
});
