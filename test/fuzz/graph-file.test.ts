// `model.trimaran`, damaged at random: every reading is a graph that was written or one typed error, and ends soon.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isTrimaranError } from "../../src/base/errors.ts";
import { containerPieces, joinPieces } from "../../src/formats/graph/container.ts";
import { readGraphFile, writeGraphFile } from "../../src/formats/graph/graph-file.ts";
import type { ModelGraph } from "../../src/model/graph.ts";
import { mutations, seeded } from "./mutate.ts";

const graph: ModelGraph = {
  input: { kind: "records", features: [] },
  ops: [
    { kind: "vectorize", inputs: [0], names: ["a", "b=c"], separator: "=", lists: "split", number: "f64" },
    { kind: "affine", inputs: [1], weights: Float64Array.of(1, 2), intercept: Float64Array.of(3) },
  ],
  outputs: { predict: { value: 2, scalar: true } },
  defaultMethod: "predict",
};

test("damage of every kind is a typed error or the same graph", () => {
  const whole = writeGraphFile({ model: { kind: "graph", graph }, versions: {} });
  const other = joinPieces(containerPieces("prepared", { a: new Uint8Array(100), b: Float64Array.of(1) }));
  const choose = seeded(20_261_122);
  let refused = 0;
  for (const [name, mutate] of Object.entries(mutations)) {
    for (let round = 0; round < 2000; round++) {
      const bytes = mutate(whole, choose, other);
      try {
        assert.deepEqual(readGraphFile(bytes, "x").model, { kind: "graph", graph }, `${name}, round ${round}`);
      } catch (error) {
        assert.ok(isTrimaranError(error) && error.kind !== "internal", `${name}, round ${round}: ${String(error)}`);
        refused++;
      }
    }
  }
  assert.ok(refused > 1000);
});

test("a record that any writer of checksums could make is a typed error", () => {
  const values: readonly unknown[] = [
    null,
    1,
    [],
    {},
    { model: null, versions: {} },
    { model: { kind: "graph" }, versions: {} },
    {
      model: { kind: "graph", graph: { ...graph, ops: [{ ...graph.ops[0], inputs: new Int32Array(1) }] } },
      versions: {},
    },
    { model: { kind: "graph", graph: { ...graph, outputs: new Map() } }, versions: {} },
    {
      model: { kind: "graph", graph: { ...graph, input: { kind: "matrix", named: true, columns: [1] } } },
      versions: {},
    },
    { model: { kind: "onnx", bytes: "text" }, versions: {} },
  ];
  for (const value of values) {
    assert.throws(() => readGraphFile(joinPieces(containerPieces("model", value)), "x"), { code: "MODEL_GRAPH" });
  }
});
