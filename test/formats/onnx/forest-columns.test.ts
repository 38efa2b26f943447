// Splits that a tree of ONNX does not have (category sets, zeros that are missing) and linear leaves, in random forests, in doubles
// and in float32, beside our own numbers.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { readOnnx } from "../../../src/formats/onnx/read-onnx.ts";
import { writeOnnx } from "../../../src/formats/onnx/write-onnx.ts";
import type { ModelGraph } from "../../../src/model/graph.ts";
import { graphBuilder } from "../../../src/model/graph-builder.ts";
import type { ForestOp } from "../../../src/model/ops/forest.ts";
import { compareAsOnnx, withoutRuntime } from "./onnx-fixture.ts";

const cells = [
  -(2 ** 33),
  -257,
  -256,
  -2,
  -1,
  -0.5,
  -1e-40,
  0,
  1e-36,
  1e-30,
  0.5,
  1,
  1.9,
  2,
  31,
  32,
  33,
  63,
  64,
  255,
  256,
];
const allCells = [
  ...cells,
  257,
  2 ** 31,
  2 ** 31 - 1,
  2 ** 40,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
];
const rows = allCells.flatMap((cell) => [
  [cell, 0.25],
  [cell, Number.NaN],
  [1, cell],
]);

function modelOf(op: Omit<ForestOp, "kind" | "inputs">): ModelGraph {
  const column = (name: string) => ({ name, type: "number", nullable: true }) as const;
  const graph = graphBuilder({ kind: "matrix", named: false, columns: [column("0"), column("1")] });
  const value = graph.add({ kind: "forest", inputs: [graph.input], ...op });
  return graph.finish({ predict: { value, scalar: op.base.length === 1 } }, "predict");
}

const sets = { offsets: Int32Array.of(0, 1, 3, 3, 4), words: Uint32Array.of(0b1011, 0, 1 << 31, 0x80000001) };

/** Trees of three splits and four leaves; every node draws how it splits. */
const forests = fc
  .record({
    nodes: fc.array(
      fc.record({
        feature: fc.constantFrom(0, 1),
        threshold: fc.constantFrom(-1, 0, 1e-36, 1.5, 32, Number.POSITIVE_INFINITY),
        left: fc.constantFrom(-1, -1, 0, 1, 2, 3),
        right: fc.constantFrom(-1, -1, 0, 1, 2, 3),
        missing: fc.constantFrom(0, 1),
        zero: fc.constantFrom(0, 1),
      }),
      { minLength: 9, maxLength: 9 },
    ),
    number: fc.constantFrom("integer" as const, "byte" as const),
    negative: fc.constantFrom("missing" as const, "outside" as const, "convert" as const),
    rule: fc.constantFrom("le" as const, "lt" as const),
    linear: fc.boolean(),
    outputs: fc.constantFrom(1, 3),
  })
  .map(({ nodes, number, negative, rule, linear, outputs }) => {
    const shape = [0, 0, 0, -1, -1, -1, -1].map((each, at) => ({ isLeaf: each < 0, at }));
    const all = [0, 1, 2].flatMap((tree) =>
      shape.map(({ isLeaf, at }) => ({ isLeaf, tree, at, node: nodes[tree * 3 + (at % 3)] as (typeof nodes)[number] })),
    );
    const split = (pick: (node: (typeof nodes)[number]) => number, leaf: number): number[] =>
      all.map(({ isLeaf, node }) => (isLeaf ? leaf : pick(node)));
    return modelOf({
      roots: Int32Array.of(0, 7, 14, 21),
      feature: Int32Array.from(split(({ feature }) => feature, -1)),
      threshold: Float64Array.from(split(({ threshold }) => threshold, 0)),
      left: Int32Array.from(all, ({ isLeaf, tree, at }) => (isLeaf ? tree * 4 + at - 3 : tree * 7 + 2 * at + 1)),
      right: Int32Array.from(all, ({ isLeaf, tree, at }) => (isLeaf ? -1 : tree * 7 + 2 * at + 2)),
      missingLeft: Uint8Array.from(split(({ missing }) => missing, 0)),
      zeroMissing: Uint8Array.from(split(({ zero }) => zero, 0)),
      categories: {
        left: Int32Array.from(split(({ left }) => left, -1)),
        right: Int32Array.from(split(({ left, right }) => (left < 0 ? -1 : right), -1)),
        ...sets,
        number,
        negative,
      },
      linear: linear
        ? {
            constants: Float64Array.from({ length: 12 }, (_, leaf) => leaf / 8),
            offsets: Int32Array.from({ length: 13 }, (_, leaf) => Math.floor(leaf / 2)),
            features: Int32Array.of(0, 1, 1, 0, 1, 0),
            coefficients: Float64Array.of(0.5, 2, -0.25, 1, 3, -1),
          }
        : null,
      rule,
      leaves: Float64Array.from({ length: 12 }, (_, leaf) => 2 ** leaf),
      leafWidth: 1,
      targets: Int32Array.from({ length: 3 }, (_, tree) => tree % outputs),
      base: new Float64Array(outputs),
      sum: "f64",
      cover: null,
    });
  });

describe("splits by category sets, missing zeros and linear leaves", { skip: withoutRuntime }, () => {
  for (const precision of ["float64", "float32"] as const) {
    test(`go the same way in ONNX Runtime, in ${precision}`, async () => {
      await fc.assert(
        fc.asyncProperty(forests, async (graph) => {
          const tolerance = precision === "float64" ? 1e-12 : 1e-5;
          const { wrong, refused, compared } = await compareAsOnnx(graph, rows, { tolerance, precision });
          assert.deepEqual([wrong, refused, compared], [[], [], rows.length]);
        }),
        { numRuns: 60, seed: 4 },
      );
    });
  }
});

test("equal sets are asked once, and a plain forest gets no columns", () => {
  const op = (left: readonly number[]): Omit<ForestOp, "kind" | "inputs"> => ({
    roots: Int32Array.of(0, 3, 6),
    feature: Int32Array.of(0, -1, -1, 0, -1, -1),
    threshold: new Float64Array(6),
    left: Int32Array.of(1, 0, 1, 4, 2, 3),
    right: Int32Array.of(2, -1, -1, 5, -1, -1),
    missingLeft: null,
    categories: {
      left: Int32Array.of(left[0] ?? -1, -1, -1, left[1] ?? -1, -1, -1),
      right: new Int32Array(6).fill(-1),
      ...sets,
      number: "integer",
      negative: "missing",
    },
    rule: "le",
    leaves: Float64Array.of(1, 2, 3, 4),
    leafWidth: 1,
    targets: Int32Array.of(0, 0),
    base: Float64Array.of(0),
    sum: "f64",
    cover: null,
  });
  const operators = (left: readonly number[]): ReadonlyMap<string, number> =>
    readOnnx(writeOnnx(modelOf(op(left))).bytes, "sets.onnx").signature.operators;
  assert.equal(operators([1, 1]).get("Concat"), 1);
  assert.equal(operators([-1, -1]).get("Concat"), undefined);
});

test("a set that would make a table beyond any use is refused with that reason", () => {
  const words = new Uint32Array(2 ** 21 + 1).fill(1);
  const graph = modelOf({
    roots: Int32Array.of(0, 3),
    feature: Int32Array.of(0, -1, -1),
    threshold: new Float64Array(3),
    left: Int32Array.of(1, 0, 1),
    right: Int32Array.of(2, -1, -1),
    missingLeft: null,
    categories: {
      left: Int32Array.of(0, -1, -1),
      right: new Int32Array(3).fill(-1),
      offsets: Int32Array.of(0, words.length),
      words,
      number: "integer",
      negative: "missing",
    },
    rule: "le",
    leaves: Float64Array.of(1, 2),
    leafWidth: 1,
    targets: Int32Array.of(0),
    base: Float64Array.of(0),
    sum: "f64",
    cover: null,
  });
  assert.throws(() => writeOnnx(graph), { code: "ONNX_EXPORT", message: /a table of over 64 MiB/ });
});

test("neighbours at equal distances are taken in the order of their points", { skip: withoutRuntime }, async () => {
  const column = (name: string) => ({ name, type: "number", nullable: false }) as const;
  const graph = graphBuilder({ kind: "matrix", named: false, columns: [column("0"), column("1")] });
  const points = Float64Array.of(1, 0, 0, 1, -1, 0, 0, -1, 0.1, 0.2, 0.2, 0.1, 3, 3, 1, 0);
  const distances = graph.add({
    kind: "distances",
    inputs: [graph.input],
    points,
    count: 8,
    metric: { name: "euclidean" },
  });
  const value = graph.add({ kind: "neighbors", inputs: [distances], count: 5 });
  const model = graph.finish({ transform: { value, scalar: false } }, "transform");
  const asked = [
    [0, 0],
    [1, 1],
    [0.5, 0.5],
    [2, 2],
    [-1, 0],
    [1e-8, 1e-8],
    [1e200, 0],
  ];
  const { wrong, compared } = await compareAsOnnx(model, asked, { tolerance: 0 });
  assert.deepEqual([wrong, compared], [[], asked.length]);
});
