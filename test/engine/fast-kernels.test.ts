// The fast kernels against the plain ones, on random models and rows: the same bits, issues and warnings.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FeatureRow } from "../../src/data/batch.ts";
import type { Predictions } from "../../src/data/predictions.ts";
import { compileGraph } from "../../src/engine/compile.ts";
import type { ModelGraph } from "../../src/model/graph.ts";
import { graphBuilder } from "../../src/model/graph-builder.ts";

const names = ["city=Bonn", "city=Köln", "city=a=b", "distance", "city", "a=b=c", "=", "x="];

const cell = fc.oneof(
  fc.constantFrom("Bonn", "Köln", "a=b", "b", "b=c", "", "unseen", null, true, false, Number.NaN),
  fc.double(),
  fc.array(fc.constantFrom("Bonn", "Köln", "unseen"), { maxLength: 3 }),
  fc.constantFrom([1], { a: 1 }, [null]),
);
const record = fc.dictionary(fc.constantFrom("city", "distance", "a", "a=b", "city=Bonn", "", "x", "other"), cell);

/** vectorize → [require_finite →] affine over `outputs` outputs. */
function linearGraph(options: {
  weights: readonly number[];
  outputs: number;
  finite: boolean;
  lists: boolean;
}): ModelGraph {
  const graph = graphBuilder({ kind: "records", features: [] });
  const { outputs } = options;
  const lists = options.lists ? "split" : "ignore";
  let value = graph.add({ kind: "vectorize", inputs: [0], names, separator: "=", lists, number: "f64" });
  if (options.finite) {
    value = graph.add({
      kind: "require_finite",
      inputs: [value],
      allowNaN: false,
      allowInfinite: false,
      estimator: "X",
    });
  }
  const weights = Float64Array.from({ length: names.length * outputs }, (_, i) => options.weights[i] ?? i / 3);
  const intercept = Float64Array.from({ length: outputs }, (_, i) => 0.1 * i);
  value = graph.add({ kind: "affine", inputs: [value], weights, intercept });
  return graph.finish({ predict: { value, scalar: outputs === 1 } }, "predict");
}

test("one-hot linear in one pass equals the plain kernels bit for bit", () => {
  const model = fc.record({
    weights: fc.array(fc.double({ noNaN: true }), { maxLength: names.length * 3 }),
    outputs: fc.integer({ min: 1, max: 3 }),
    finite: fc.boolean(),
    lists: fc.boolean(),
  });
  fc.assert(
    fc.property(model, fc.array(record, { maxLength: 20 }), (options, rows) => {
      const graph = linearGraph(options);
      assertSame(answer(graph, "fast", rows), answer(graph, "reference", rows));
    }),
    { numRuns: 500 },
  );
});

test("a batch answers each row as the row alone does", () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 8 }), (rows) => {
      const graph = linearGraph({ weights: [], outputs: 2, finite: true, lists: true });
      const batch = answer(graph, "fast", rows);
      const column = batch.outputs["predict"];
      assert.equal(column?.kind, "number");
      for (const [row, each] of rows.entries()) {
        const alone = answer(graph, "fast", [each]).outputs["predict"];
        assert.equal(alone?.kind, "number");
        assert.deepEqual([...alone.values], [...column.values.subarray(row * 2, row * 2 + 2)]);
      }
    }),
  );
});

function answer(graph: ModelGraph, kernels: "fast" | "reference", rows: readonly FeatureRow[]): Predictions {
  return compileGraph(graph, { kernels }).predict({ kind: "records", rows });
}

function assertSame(actual: Predictions, expected: Predictions): void {
  assert.deepEqual(actual.issues, expected.issues);
  assert.deepEqual(actual.warnings, expected.warnings);
  const [left, right] = [actual.outputs["predict"], expected.outputs["predict"]];
  assert.ok(left?.kind === "number" && right?.kind === "number");
  // deepStrictEqual tells -0 from 0 and takes NaN as equal to itself.
  assert.deepEqual([...left.values], [...right.values]);
}
