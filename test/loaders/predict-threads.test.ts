// Large batches on several threads: the same bits, issues and warnings as on one, for every cut.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Batch, FeatureRow } from "../../src/data/batch.ts";
import type { Predictions } from "../../src/data/predictions.ts";
import { compileGraph } from "../../src/engine/compile.ts";
import { compilePrepared, prepareGraph } from "../../src/engine/prepare.ts";
import { isSendable, openThreads } from "../../src/loaders/predict-threads.ts";
import type { ModelGraph } from "../../src/model/graph.ts";
import { graphBuilder } from "../../src/model/graph-builder.ts";
import type { ForestOp } from "../../src/model/ops/forest.ts";
import type { AsyncPredictor } from "../../src/model/predictor.ts";
import { minRows, threadedPredictor } from "../../src/model/threaded-predictor.ts";
import { randomNumbers } from "./random-lightgbm.ts";

const names = ["city=Bonn", "city=Köln", "city=Ulm", "distance", "hour"];

/** Complete trees of 16 leaves over `names`. */
function forestOp(input: number, trees: number): ForestOp {
  const random = randomNumbers(11);
  const splits = 15;
  const nodes = trees * 31;
  const within = (node: number): number => node % 31;
  const each = (make: (node: number) => number): Int32Array => Int32Array.from({ length: nodes }, (_, at) => make(at));
  const isSplit = (node: number): boolean => within(node) < splits;
  const start = (node: number): number => node - within(node);
  return {
    kind: "forest",
    inputs: [input],
    roots: Int32Array.from({ length: trees + 1 }, (_, tree) => tree * 31),
    feature: each((node) => (isSplit(node) ? Math.floor(random() * names.length) : -1)),
    threshold: Float64Array.from({ length: nodes }, () => Math.fround(random())),
    left: each((node) =>
      isSplit(node) ? start(node) + 2 * within(node) + 1 : Math.floor(node / 31) * 16 + within(node) - splits,
    ),
    right: each((node) => (isSplit(node) ? start(node) + 2 * within(node) + 2 : -1)),
    missingLeft: null,
    rule: "le",
    leaves: Float64Array.from({ length: trees * 16 }, () => random() - 0.3),
    leafWidth: 1,
    targets: null,
    base: Float64Array.of(0.1),
    sum: "f64",
    cover: null,
  };
}

/** [vectorize →] cast → require_finite → forest, and the rows that it saw as a second method. */
function forestGraph(kind: "records" | "matrix", trees: number): ModelGraph {
  const graph =
    kind === "records"
      ? graphBuilder({ kind, features: [] })
      : graphBuilder({
          kind,
          named: true,
          columns: names.map((name) => ({ name, type: "number", nullable: true })),
        });
  let value = 0;
  if (kind === "records") {
    value = graph.add({ kind: "vectorize", inputs: [0], names, separator: "=", lists: "split", number: "f64" });
  }
  value = graph.add({ kind: "cast", inputs: [value], number: "f32", repeated: "cast_then_sum" });
  const refuse = { allowNaN: false, allowInfinite: false, estimator: "X" };
  value = graph.add({ kind: "require_finite", inputs: [value], ...refuse });
  const seen = value;
  value = graph.add(forestOp(value, trees));
  const divided = graph.add({ kind: "divide", inputs: [value], divisor: 3 });
  const outputs = { predict: { value: divided, scalar: true }, transform: { value: seen, scalar: false } };
  return graph.finish(outputs, "predict");
}

function recordRows(count: number): readonly FeatureRow[] {
  const random = randomNumbers(5);
  const cities = ["Bonn", "Köln", "Ulm", "Rom"];
  return Array.from({ length: count }, (_, at) => ({
    city: cities[Math.floor(random() * cities.length)],
    distance: at % 501 === 7 ? Number.POSITIVE_INFINITY : random(),
    hour: random(),
    ...(at % 400 === 3 ? { other: 1 } : {}),
  }));
}

function matrixRows(count: number): Batch {
  const random = randomNumbers(9);
  const values = Float64Array.from({ length: count * names.length }, (_, at) =>
    at % 2501 === 7 ? Number.NaN : random(),
  );
  return { kind: "matrix", rowCount: count, width: names.length, values };
}

/** Shares every batch of `minRows` rows, whatever it costs. */
function openShared(graph: ModelGraph, threads: number): { readonly shared: AsyncPredictor } & Disposable {
  const prepared = prepareGraph(graph);
  assert.ok(isSendable(prepared));
  const predictor = compilePrepared(prepared);
  const pool = openThreads(prepared, threads);
  const shared = threadedPredictor({ predictor, pool, rowCost: Number.POSITIVE_INFINITY });
  return { shared, [Symbol.dispose]: () => shared.close() };
}

const methods = ["predict", "transform"];

for (const kind of ["matrix", "records"] as const) {
  test(`a batch of ${kind} has the same bits, issues and warnings for every number of threads`, async () => {
    const graph = forestGraph(kind, 30);
    const batchOf = (count: number): Batch =>
      kind === "matrix" ? matrixRows(count) : { kind: "records", rows: recordRows(count) };
    const alone = compileGraph(graph, { kernels: "reference" });
    for (const threads of [1, 2, 3]) {
      using opened = openShared(graph, threads);
      for (const count of [minRows - 1, minRows, minRows + 1, 4099]) {
        const batch = batchOf(count);
        const expected = alone.predict(batch, { methods });
        assert.ok(expected.issues.length > 0);
        assertSame(await opened.shared.predict(batch, { methods }), expected);
      }
    }
  });
}

test("batches that are asked for at the same time do not disturb one another", async () => {
  const graph = forestGraph("matrix", 200);
  using opened = openShared(graph, 2);
  const alone = compileGraph(graph);
  const batches = [1200, 3000, 1, 2500, 1000].map(matrixRows);
  const answers = await Promise.all(batches.map((batch) => opened.shared.predict(batch)));
  for (const [at, batch] of batches.entries()) assertSame(answers[at] as Predictions, alone.predict(batch));
});

test("a small batch, and a method that the model lacks, are answered by the calling thread", async () => {
  const prepared = prepareGraph(forestGraph("matrix", 5));
  const pool = {
    size: 2,
    predict: () => Promise.reject(new Error("the pool was asked")),
    close: () => undefined,
  };
  const shared = threadedPredictor({ predictor: compilePrepared(prepared), pool, rowCost: 1000 });
  assert.equal((await shared.predict(matrixRows(minRows - 1))).rowCount, minRows - 1);
  await assert.rejects(shared.predict(matrixRows(minRows), { methods: ["predict_proba"] }), { code: "MODEL_METHOD" });
  await assert.rejects(shared.predict(matrixRows(minRows)), /the pool was asked/);
  const cheap = threadedPredictor({ predictor: compilePrepared(prepared), pool, rowCost: 1 });
  assert.equal((await cheap.predict(matrixRows(minRows))).rowCount, minRows);
});

test("records that hold what cannot be sent are answered by the calling thread", async () => {
  const graph = forestGraph("records", 5);
  using opened = openShared(graph, 2);
  const rows = [...recordRows(minRows), { city: "Bonn", distance: () => 1 }];
  const batch: Batch = { kind: "records", rows };
  assertSame(await opened.shared.predict(batch), compileGraph(graph).predict(batch));
});

test("after closing, a large batch is refused", async () => {
  const opened = openShared(forestGraph("matrix", 5), 2);
  assert.equal((await opened.shared.predict(matrixRows(minRows))).rowCount, minRows);
  opened.shared.close();
  await assert.rejects(opened.shared.predict(matrixRows(minRows)), { code: "THREAD_ENDED" });
});

/** Cells of refused rows are meaningless. */
function assertSame(actual: Predictions, expected: Predictions): void {
  assert.equal(actual.rowCount, expected.rowCount);
  assert.deepEqual(actual.issues, expected.issues);
  assert.deepEqual(actual.warnings, expected.warnings);
  assert.deepEqual(Object.keys(actual.outputs), Object.keys(expected.outputs));
  const refused = new Set(expected.issues.map((issue) => issue.row));
  for (const [method, column] of Object.entries(expected.outputs)) {
    const other = actual.outputs[method];
    assert.ok(column.kind === "number" && other?.kind === "number");
    assert.deepEqual([other.type, other.width, other.values.length], [column.type, column.width, column.values.length]);
    const bits = (values: ArrayLike<number>): number[] =>
      Array.from(values).filter((_, at) => !refused.has(Math.floor(at / column.width)));
    assert.deepEqual(bits(other.values), bits(column.values));
  }
}
