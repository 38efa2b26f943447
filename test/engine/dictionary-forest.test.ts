// Rows that are remembered are answered with the bits of the plain kernels: rides between few zones over many distances, again and
// again, with the numbers that go wrong easily.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FeatureRow } from "../../src/data/batch.ts";
import type { Predictions } from "../../src/data/predictions.ts";
import { compileGraph } from "../../src/engine/compile.ts";
import type { ForestArrays } from "../../src/engine/kernels/forest-arrays.ts";
import { packForest } from "../../src/engine/kernels/pack-forest.ts";
import { RowMemo } from "../../src/engine/kernels/row-memo.ts";
import { Thresholds } from "../../src/engine/kernels/thresholds.ts";
import { compilePrepared, prepareGraph, withoutNodes } from "../../src/engine/prepare.ts";
import type { ModelGraph } from "../../src/model/graph.ts";
import { graphBuilder } from "../../src/model/graph-builder.ts";
import { type ForestPlan, randomForest, randomFrom } from "./kernels/random-forest.ts";

const zones = 30;
const names = ["distance", "hour", ...Array.from({ length: zones }, (_, zone) => `zone=${zone}`)];
const awkward = [0, -0, 0.1, -0.1, 0.5, 1, -1, 2 ** -149, 1e-50, 16777217, 3.4e38];
const refused = [Number.NaN, Infinity, -Infinity];

const plan: ForestPlan = { seed: 1, trees: 30, width: names.length, depth: 9 };

interface GraphPlan extends Partial<ForestPlan> {
  readonly number?: "f32" | "f64";
}

function forestGraph({ number = "f32", ...changes }: GraphPlan): ModelGraph {
  const { sum = "f64", ...forest } = randomForest({ ...plan, ...changes });
  const graph = graphBuilder({ kind: "records", features: [] });
  let value = graph.add({ kind: "vectorize", inputs: [0], names, separator: "=", lists: "ignore", number: "f64" });
  value = graph.add({ kind: "cast", inputs: [value], number, repeated: "cast_then_sum" });
  value = graph.add({
    kind: "require_finite",
    inputs: [value],
    allowNaN: false,
    allowInfinite: false,
    estimator: "RandomForestRegressor",
  });
  value = graph.add({ kind: "forest", inputs: [value], sum, ...forest });
  return graph.finish({ predict: { value, scalar: forest.base.length === 1 } }, "predict");
}

interface RowsPlan {
  readonly rowCount: number;
  /** Of how many values a number is one; 0: any. */
  readonly values: number;
  /** Whether some numbers are none, or infinite. */
  readonly refused?: boolean;
}

function rides(seed: number, { rowCount, values, refused: wrong = false }: RowsPlan): FeatureRow[] {
  const random = randomFrom(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const number = (): number => {
    if (wrong && random() < 0.02) return refused[below(refused.length)]!;
    if (random() < 0.05) return awkward[below(awkward.length)]!;
    return values === 0 ? random() * 4 - 2 : below(values) / 10 - 1;
  };
  return Array.from({ length: rowCount }, () => ({
    distance: number(),
    ...(random() < 0.5 ? { hour: number() } : {}),
    // Some are unknown; a number under a known name is a column of its own.
    zone: String(below(zones + 5)),
    ...(random() < 0.1 ? { [`zone=${below(zones)}`]: number() } : {}),
  }));
}

/** The first batch is too short for a memo; the others fill it, ask it, and ask it again. */
function assertRemembered(graph: ModelGraph, rows: RowsPlan): void {
  // As another thread gets it, which has no nodes but the packed ones.
  const fast = compilePrepared(withoutNodes(prepareGraph(graph)));
  const reference = compileGraph(graph, { kernels: "reference" });
  for (const [at, rowCount] of [300, rows.rowCount, rows.rowCount, 3, rows.rowCount].entries()) {
    const batch = { kind: "records", rows: rides(at, { ...rows, rowCount }) } as const;
    const [is, must] = [fast.predict(batch), reference.predict(batch)];
    assert.deepEqual(is.issues, must.issues);
    assert.deepEqual(answered(is), answered(must), `batch ${at}`);
  }
}

/** The numbers of the rows that are not refused, as bits. */
function answered({ outputs, issues }: Predictions): BigUint64Array {
  const column = outputs["predict"];
  assert.equal(column?.kind, "number");
  const values = Float64Array.from(column.values);
  for (const { row } of issues) values.fill(0, row * column.width, (row + 1) * column.width);
  return new BigUint64Array(values.buffer);
}

for (const rule of ["le", "lt"] as const) {
  for (const number of ["f32", "f64"] as const) {
    test(`remembered rows have the plain kernels' sums: rule ${rule}, rows in ${number}`, () => {
      assertRemembered(forestGraph({ rule, number, missing: "both" }), { rowCount: 9000, values: 25 });
    });
  }
}

test("sums of several outputs, in float32, of trees that add to one output each", () => {
  assertRemembered(forestGraph({ outputs: 3 }), { rowCount: 9000, values: 25 });
  assertRemembered(forestGraph({ outputs: 2, sum: "f32", targeted: true }), { rowCount: 9000, values: 25 });
});

/** Of a forest that asks each of its columns whether it is above 0.5. */
function stumpMemo(width: number): RowMemo {
  const nodes = 2 * width + 1;
  const forest: ForestArrays = {
    roots: Int32Array.of(0, nodes),
    feature: Int32Array.from({ length: nodes }, (_, node) => (node % 2 === 0 && node < nodes - 1 ? node / 2 : -1)),
    threshold: new Float64Array(nodes).fill(0.5),
    left: Int32Array.from({ length: nodes }, (_, node) => (node % 2 === 0 && node < nodes - 1 ? node + 1 : 0)),
    right: Int32Array.from({ length: nodes }, (_, node) => (node % 2 === 0 && node < nodes - 1 ? node + 2 : -1)),
    ...{ missingLeft: null, rule: "le", leaves: Float64Array.of(1), leafWidth: 1, targets: null, sum: "f64" },
    ...{ base: Float64Array.of(0), cover: null },
  };
  const packed = packForest(forest, { width, number: "f64" });
  assert.ok(packed !== null);
  const thresholds = new Thresholds(packed, packed.bytes.buffer);
  return new RowMemo({ thresholds, trees: 100, outputs: 1, entries: 1 });
}

test("rows that are refused are not remembered", () => {
  assertRemembered(forestGraph({ missing: "both" }), { rowCount: 9000, values: 5, refused: true });
  const memo = stumpMemo(1);
  const look = (value: number): number =>
    memo.look({ columns: Int32Array.of(0), values: Float64Array.of(value), length: 1 }, 0);
  for (const value of [Number.NaN, Infinity, -Infinity, 1]) {
    assert.equal(look(value), -1);
    memo.keep(Float64Array.of(1), 1);
  }
  assert.ok(look(2) >= 0);
  assert.equal(look(Infinity), -1);
});

test("rows that are all different are walked", () => {
  assertRemembered(forestGraph({}), { rowCount: 20_000, values: 0 });
});

test("a memo that knows little of what it is asked stands aside, and comes back", () => {
  const width = 200_000;
  const memo = stumpMemo(width);
  let next = 0;
  const ask = (distinct: number): void => {
    for (let row = 0; row < 140_000; row++) {
      memo.look({ columns: Int32Array.of(next++ % distinct), values: Float64Array.of(1), length: 1 }, 0);
      memo.keep(new Float64Array(1), 1);
    }
  };
  ask(width);
  assert.equal(memo.isWorthIt(1000), false);
  for (let rows = 0; rows < 2 ** 21; rows += 100_000) memo.isWorthIt(100_000);
  assert.equal(memo.isWorthIt(1000), true);
  ask(7);
  assert.equal(memo.isWorthIt(1000), true);
});
