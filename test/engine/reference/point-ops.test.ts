// kernel, distances, neighbors, neighbor_sums, interpolate, couple_pairs, log_sum_exp, weighted_sums: small cases whose answers are known.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compileGraph } from "../../../src/engine/compile.ts";
import { type GraphBuilder, graphBuilder } from "../../../src/model/graph-builder.ts";
import type { Metric } from "../../../src/model/ops/distances.ts";
import type { InterpolateOp } from "../../../src/model/ops/interpolate.ts";
import type { KernelFunction } from "../../../src/model/ops/kernel.ts";
import type { ValueId } from "../../../src/model/value.ts";

type Build = (graph: GraphBuilder, x: ValueId) => ValueId;

function run(rows: readonly (readonly number[])[], build: Build): { values: number[]; refused: number[] } {
  const width = rows[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, i) => ({ name: `${i}`, type: "number", nullable: true }) as const);
  const graph = graphBuilder({ kind: "matrix", named: false, columns });
  const value = build(graph, graph.input);
  const predictor = compileGraph(graph.finish({ predict: { value, scalar: false } }, "predict"));
  const batch = { kind: "matrix" as const, rowCount: rows.length, width, values: Float64Array.from(rows.flat()) };
  const { outputs, issues } = predictor.predict(batch);
  const column = outputs["predict"];
  return { values: column?.kind === "number" ? [...column.values] : [], refused: issues.map((issue) => issue.row) };
}

const points = { points: Float64Array.of(0, 0, 3, 4, -1, 2), count: 3 };

test("kernels are functions of the product or of the squared distance", () => {
  const of = (f: KernelFunction): number[] =>
    run([[1, 2]], (graph, x) => graph.add({ kind: "kernel", inputs: [x], ...points, function: f })).values;
  assert.deepEqual(of({ name: "linear" }), [0, 11, 3]);
  assert.deepEqual(of({ name: "poly", gamma: 2, constant: 1, degree: 3 }), [1, 23 ** 3, 7 ** 3]);
  assert.deepEqual(of({ name: "poly", gamma: 2, constant: 1, degree: 0 }), [1, 1, 1]);
  assert.deepEqual(of({ name: "sigmoid", gamma: 0.1, constant: 0.5 }), [0.5, 1.6, 0.8].map(Math.tanh));
  assert.deepEqual(of({ name: "rbf", gamma: 0.5 }), [-2.5, -4, -2].map(Math.exp));
});

test("distances follow their metric", () => {
  const of = (metric: Metric): number[] =>
    run([[1, 2]], (graph, x) => graph.add({ kind: "distances", inputs: [x], ...points, metric })).values;
  assert.deepEqual(of({ name: "euclidean" }), [5, 8, 4].map(Math.sqrt));
  assert.deepEqual(of({ name: "squared", scales: Float64Array.of(1, 2, 4, 4, 2, 1) }), [3, 2, 2]);
  assert.deepEqual(of({ name: "manhattan" }), [3, 4, 2]);
  assert.deepEqual(of({ name: "chebyshev" }), [2, 2, 2]);
  assert.deepEqual(of({ name: "canberra" }), [2, 0.5 + 2 / 6, 1]);
  assert.deepEqual(of({ name: "minkowski", power: 1 }), [3, 4, 2]);
  const [zero, near] = of({ name: "cosine" });
  assert.equal(zero, 1);
  assert.ok(Math.abs((near ?? 0) - (1 - 11 / (5 * Math.sqrt(5)))) < 1e-15);
});

test("neighbours come by distance, equal ones in order, and nobody is near a row that is infinitely far", () => {
  const rows = [
    [3, 1, 2, 1],
    [Number.POSITIVE_INFINITY, Number.NaN, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ];
  const found = run(rows, (graph, x) => graph.add({ kind: "neighbors", inputs: [x], count: 2 })).values;
  assert.deepEqual(found, [1, 1, 1, 3, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0]);
});

test("sums of neighbours weigh by the reciprocal distance, and one that meets the row silences the others", () => {
  const table = Float64Array.of(10, 20, 40);
  const sums =
    (nobody: "nan" | "zero" | "refuse"): Build =>
    (graph, x) =>
      graph.add({ kind: "neighbor_sums", inputs: [x], table, width: 1, weights: "distance", mean: true, nobody });
  const far = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 1];
  const rows = [[1, 4, 0, 2], [0, 2, 1, 2], far];
  assert.deepEqual(run(rows, sums("zero")).values, [16, 20, 0]);
  assert.deepEqual(run(rows, sums("nan")).values, [16, 20, Number.NaN]);
  assert.deepEqual(run(rows, sums("refuse")).refused, [2]);
});

test("lines between points end as they are told to", () => {
  const lines =
    (outside: InterpolateOp["outside"]): Build =>
    (graph, t) =>
      graph.add({
        kind: "interpolate",
        inputs: [t],
        x: Float64Array.of(0, 1, 3),
        y: Float64Array.of(0, 10, 14),
        outside,
        estimator: "IsotonicRegression",
      });
  const rows = [[-1], [0], [0.5], [1], [2], [3], [4]];
  assert.deepEqual(run(rows, lines("clip")).values, [0, 0, 5, 10, 12, 14, 14]);
  assert.deepEqual(run(rows, lines("nan")).values, [Number.NaN, 0, 5, 10, 12, 14, Number.NaN]);
  assert.deepEqual(run(rows, lines("refuse")).refused, [0, 6]);
});

test("coupled pairs sum to one, agree with certain pairs, and take NaN for the margin", () => {
  const couple: Build = (graph, x) => graph.add({ kind: "couple_pairs", inputs: [x], classes: 3, margin: 1e-7 });
  const even = run([[0.5, 0.5, 0.5]], couple).values;
  assert.deepEqual(even, [1 / 3, 1 / 3, 1 / 3]);
  const certain = run([[1, 1, 0.5]], couple).values;
  assert.ok((certain[0] ?? 0) > 0.999);
  assert.ok(Math.abs(certain.reduce((sum, value) => sum + value, 0) - 1) < 1e-12);
  const unknown = run([[Number.NaN, Number.NaN, 0.5]], couple).values;
  assert.ok((unknown[0] ?? 1) < 0.001);
});

test("log_sum_exp neither overflows nor loses a row of nothing", () => {
  const inf = Number.POSITIVE_INFINITY;
  const rows = [
    [1000, 1000.5],
    [-inf, -inf],
    [inf, 0],
  ];
  const values = run(rows, (graph, x) => graph.add({ kind: "log_sum_exp", inputs: [x] })).values;
  assert.deepEqual(values, [1000.9740769841801, -inf, inf]);
});

test("a weighted sum sees only its own columns", () => {
  const values = run([[2, Number.POSITIVE_INFINITY, 5]], (graph, x) =>
    graph.add({
      kind: "weighted_sums",
      inputs: [x],
      starts: Int32Array.of(0, 2, 2),
      columns: Int32Array.of(2, 0),
      weights: Float64Array.of(1, -3),
      constants: Float64Array.of(0.5, 7),
    }),
  ).values;
  assert.deepEqual(values, [-0.5, 7]);
});

test("ops that do not fit are refused before any row", () => {
  const wrong: readonly Build[] = [
    (graph, x) =>
      graph.add({ kind: "kernel", inputs: [x], points: Float64Array.of(1), count: 1, function: { name: "linear" } }),
    (graph, x) => graph.add({ kind: "neighbors", inputs: [x], count: 3 }),
    (graph, x) => graph.add({ kind: "couple_pairs", inputs: [x], classes: 4, margin: 0 }),
    (graph, x) =>
      graph.add({
        kind: "weighted_sums",
        inputs: [x],
        starts: Int32Array.of(0, 1),
        columns: Int32Array.of(9),
        weights: Float64Array.of(1),
        constants: Float64Array.of(0),
      }),
  ];
  for (const build of wrong) assert.throws(() => run([[1, 2]], build), { code: "MODEL_GRAPH" });
});
