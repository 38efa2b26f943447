// The forest op beyond plain thresholds: category sets, zeros that are missing, sums that start from another value.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compileGraph } from "../../../src/engine/compile.ts";
import { graphBuilder } from "../../../src/model/graph-builder.ts";
import type { ForestCategories, ForestOp } from "../../../src/model/ops/forest.ts";

const left = 10;
const right = 20;

/** One split over one column: left answers 10, right 20. */
function stump(options: Partial<ForestOp> = {}): Omit<ForestOp, "inputs"> {
  return {
    kind: "forest",
    roots: Int32Array.of(0, 3),
    feature: Int32Array.of(0, -1, -1),
    threshold: Float64Array.of(0.5, 0, 0),
    left: Int32Array.of(1, 0, 1),
    right: Int32Array.of(2, -1, -1),
    missingLeft: Uint8Array.of(1, 0, 0),
    rule: "le",
    leaves: Float64Array.of(left, right),
    leafWidth: 1,
    targets: null,
    base: Float64Array.of(0),
    sum: "f64",
    cover: null,
    ...options,
  };
}

function ask(op: Omit<ForestOp, "inputs">, values: readonly number[]): readonly number[] {
  const column = { name: "0", type: "number", nullable: true } as const;
  const graph = graphBuilder({ kind: "matrix", named: false, columns: [column] });
  const value = graph.add({ ...op, inputs: [0] });
  const predictor = compileGraph(graph.finish({ predict: { value, scalar: true } }, "predict"));
  const batch = { kind: "matrix", rowCount: values.length, width: 1, values: Float64Array.from(values) } as const;
  const output = predictor.predict(batch).outputs["predict"];
  return output?.kind === "number" ? [...output.values] : [];
}

function sets(options: Partial<ForestCategories>): ForestCategories {
  return {
    left: Int32Array.of(0, -1, -1),
    right: Int32Array.of(-1, -1, -1),
    offsets: Int32Array.of(0, 2, 3),
    // {1, 40} and {2}
    words: Uint32Array.of(2, 1 << 8, 4),
    number: "integer",
    negative: "convert",
    ...options,
  };
}

test("categories of the left set go left, all others right, and a fraction is cut off", () => {
  const op = stump({ categories: sets({}) });
  assert.deepEqual(ask(op, [1, 40, 1.9, 2, 0, 41, 1e9]), [left, left, left, right, right, right, right]);
  assert.deepEqual(ask(op, [Number.NaN, -1, -0.5, Number.POSITIVE_INFINITY]), [left, right, right, right]);
});

test("with a right set, what is in neither goes as a missing value does", () => {
  const op = stump({ categories: sets({ right: Int32Array.of(1, -1, -1) }) });
  assert.deepEqual(ask(op, [1, 2, 3, Number.NaN]), [left, right, left, left]);
  const other = { ...op, missingLeft: Uint8Array.of(0, 0, 0) };
  assert.deepEqual(ask(other, [1, 2, 3, Number.NaN]), [left, right, right, right]);
});

test("a negative number is missing, in no set, or converted, as the model says", () => {
  const zero = { offsets: Int32Array.of(0, 1), words: Uint32Array.of(1) };
  const values = [-0.5, -1, -0];
  assert.deepEqual(ask(stump({ categories: sets({ ...zero, negative: "convert" }) }), values), [left, right, left]);
  assert.deepEqual(ask(stump({ categories: sets({ ...zero, negative: "outside" }) }), values), [right, right, left]);
  assert.deepEqual(ask(stump({ categories: sets({ ...zero, negative: "missing" }) }), values), [left, left, left]);
});

test("a byte holds the low eight bits, and 0 for what 32 bits do not hold", () => {
  const words = new Uint32Array(8);
  words[0] = 0b11;
  words[7] = 1 << 31;
  const categories = sets({ offsets: Int32Array.of(0, 8), words, number: "byte" });
  const values = [0, 1, 2, 255, 256, 257, 258, -1, 1e39, 2 ** 31];
  const expected = [left, left, right, left, left, left, right, left, left, left];
  assert.deepEqual(ask(stump({ categories }), values), expected);
});

test("zeros go as missing values where a node says so", () => {
  const op = stump({ missingLeft: Uint8Array.of(0, 0, 0), zeroMissing: Uint8Array.of(1, 0, 0) });
  assert.deepEqual(ask(op, [0, -0, 1e-36, 1e-34, 0.4, 0.6]), [right, right, right, left, left, right]);
});

test("sums start from a second value where there is one", () => {
  const columns = [0, 1].map((index) => ({ name: String(index), type: "number", nullable: true }) as const);
  const graph = graphBuilder({ kind: "matrix", named: false, columns });
  const start = graph.add({ kind: "select", inputs: [0], columns: Int32Array.of(1) });
  const value = graph.add({ ...stump(), inputs: [0, start] });
  const predictor = compileGraph(graph.finish({ predict: { value, scalar: true } }, "predict"));
  const output = predictor.predict({ kind: "matrix", rowCount: 2, width: 2, values: Float64Array.of(0, 1, 1, 2) });
  assert.deepEqual(output.outputs["predict"], {
    kind: "number",
    type: "float64",
    scalar: true,
    width: 1,
    values: Float64Array.of(left + 1, right + 2),
  });
});

test("sets that are not there are refused", () => {
  const bad: readonly Partial<ForestCategories>[] = [
    { left: Int32Array.of(2, -1, -1) },
    { right: Int32Array.of(9, -1, -1) },
    { left: Int32Array.of(0) },
    { offsets: Int32Array.of(0, 2) },
    { offsets: Int32Array.of(0, 3, 2, 3) },
    { offsets: new Int32Array(0) },
  ];
  for (const options of bad) {
    assert.throws(() => ask(stump({ categories: sets(options) }), [1]), { code: "MODEL_GRAPH" });
  }
  assert.throws(() => ask(stump({ zeroMissing: new Uint8Array(1) }), [1]), { code: "MODEL_GRAPH" });
});
