// `predictRow` and the fused dense forest against the plain kernels, on random forests, linear models and rows.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isTrimaranError } from "../../src/base/errors.ts";
import type { MatrixBatch } from "../../src/data/batch.ts";
import type { ModelInput } from "../../src/data/model-input.ts";
import type { Predictions } from "../../src/data/predictions.ts";
import { compileGraph } from "../../src/engine/compile.ts";
import type { ModelGraph } from "../../src/model/graph.ts";
import { graphBuilder } from "../../src/model/graph-builder.ts";
import type { Op } from "../../src/model/op.ts";

const width = 3;
const input: ModelInput = {
  kind: "matrix",
  named: true,
  columns: ["a", "b", "c"].map((name) => ({ name, type: "number", nullable: true })),
};

interface Shape {
  readonly core: "forest" | "affine" | "map";
  readonly cast: "f32" | "f64" | null;
  readonly finite: "strict" | "NaN passes" | "infinity passes" | null;
  readonly sum: "f32" | "f64";
  readonly divisor: number | null;
  readonly outputs: number;
  readonly numbers: readonly number[];
}

const shape: fc.Arbitrary<Shape> = fc.record({
  core: fc.constantFrom("forest", "forest", "affine", "map"),
  cast: fc.constantFrom("f32", "f64", null),
  finite: fc.constantFrom("strict", "NaN passes", "infinity passes", null),
  sum: fc.constantFrom("f32", "f64"),
  divisor: fc.constantFrom(3, 7, null),
  outputs: fc.constantFrom(1, 1, 1, 2),
  numbers: fc.array(fc.double({ noNaN: true, min: -4, max: 4 }), { minLength: 12, maxLength: 12 }),
});

const cell = fc.oneof(
  fc.double({ noNaN: true, min: -4, max: 4 }),
  fc.double(),
  fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 1e39, 3.4028235e38),
);
const rows = fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 });

/** Two trees of three nodes each. */
function forestOp(at: number, { numbers, outputs, sum }: Shape): Op {
  return {
    kind: "forest",
    inputs: [at],
    roots: Int32Array.of(0, 3, 6),
    feature: Int32Array.of(0, -1, -1, 2, -1, -1),
    threshold: Float64Array.of(numbers[0]!, 0, 0, numbers[1]!, 0, 0),
    left: Int32Array.of(1, 0, 1, 4, 2, 3),
    right: Int32Array.of(2, -1, -1, 5, -1, -1),
    missingLeft: Uint8Array.of(1, 0, 0, 0, 0, 0),
    rule: "le",
    leaves: Float64Array.from({ length: 4 * outputs }, (_, i) => numbers[2 + i]!),
    leafWidth: outputs,
    targets: null,
    base: new Float64Array(outputs).fill(numbers[11] ?? 0),
    sum,
    cover: null,
  };
}

function graphOf(asked: Shape): ModelGraph {
  const graph = graphBuilder(input);
  let value = graph.input;
  if (asked.cast !== null) {
    value = graph.add({ kind: "cast", inputs: [value], number: asked.cast, repeated: "sum_then_cast" });
  }
  if (asked.finite !== null) {
    const passes = { allowNaN: asked.finite === "NaN passes", allowInfinite: asked.finite === "infinity passes" };
    value = graph.add({ kind: "require_finite", inputs: [value], ...passes, estimator: "X" });
  }
  if (asked.core === "forest") value = graph.add(forestOp(value, asked));
  else {
    const weights = Float64Array.from({ length: width * asked.outputs }, (_, i) => asked.numbers[i]!);
    value = graph.add({
      kind: "affine",
      inputs: [value],
      weights,
      intercept: new Float64Array(asked.outputs).fill(0.1),
    });
    if (asked.core === "map") value = graph.add({ kind: "map", inputs: [value], function: "tanh" });
  }
  if (asked.divisor !== null) value = graph.add({ kind: "divide", inputs: [value], divisor: asked.divisor });
  return graph.finish({ predict: { value, scalar: asked.outputs === 1 } }, "predict");
}

test("a dense batch is answered, refused and warned of as the plain kernels do, whatever the chain", () => {
  fc.assert(
    fc.property(shape, rows, (asked, cells) => {
      const graph = graphOf(asked);
      assertSame(compileGraph(graph).predict(matrix(cells)), plainAnswers(graph, cells));
    }),
    { numRuns: 1000 },
  );
});

test("predictRow gives the bits of predict, and refuses the rows that predict refuses, with the same issues", () => {
  let direct = 0;
  let refused = 0;
  fc.assert(
    fc.property(shape, rows, (asked, cells) => {
      const graph = graphOf({ ...asked, outputs: 1 });
      const { predictRow } = compileGraph(graph);
      assert.ok(predictRow);
      for (const row of cells) {
        const expected = plainAnswers(graph, [row]);
        if (expected.issues.length === 0) {
          assert.ok(Object.is(predictRow(Float64Array.from(row)), numbersOf(expected)[0]));
          direct++;
          continue;
        }
        refused++;
        assert.throws(
          () => predictRow(Float64Array.from(row)),
          (error) => {
            assert.ok(isTrimaranError(error) && error.code === "MODEL_ROW_REFUSED");
            assert.deepEqual(error.issues, expected.issues);
            return true;
          },
        );
      }
    }),
    { numRuns: 1000 },
  );
  assert.ok(direct > 100 && refused > 100, `${direct} answered, ${refused} refused`);
});

const plain: Shape = {
  core: "forest",
  cast: "f32",
  finite: "strict",
  sum: "f64",
  divisor: 2,
  outputs: 1,
  numbers: [0.5, -0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
};

test("predictRow refuses a row of another length", () => {
  const { predictRow } = compileGraph(graphOf(plain));
  assert.throws(
    () => predictRow?.(new Float64Array(width + 1)),
    (error) => isTrimaranError(error) && error.issues[0]?.code === "wrong_length",
  );
});

test("there is a predictRow only where a row of numbers has one number for an answer", () => {
  assert.equal(typeof compileGraph(graphOf(plain)).predictRow, "function");
  assert.equal(compileGraph(graphOf({ ...plain, outputs: 2 })).predictRow, undefined);
  const records = graphBuilder({ kind: "records", features: [] });
  const names = ["a"];
  const value = records.add({ kind: "vectorize", inputs: [0], names, separator: "=", lists: "split", number: "f64" });
  const affine = records.add({
    kind: "affine",
    inputs: [value],
    weights: Float64Array.of(1),
    intercept: Float64Array.of(0),
  });
  const graph = records.finish({ predict: { value: affine, scalar: true } }, "predict");
  assert.equal(compileGraph(graph).predictRow, undefined);
});

test("a predictor that was closed opens its forest again when it is asked", () => {
  const predictor = compileGraph(graphOf(plain));
  const row = Float64Array.of(0.1, 0.2, 0.3);
  const before = predictor.predictRow?.(row);
  predictor.close();
  assert.equal(predictor.predictRow?.(row), before);
  assert.equal(numbersOf(predictor.predict(matrix([[...row]])))[0], before);
});

function matrix(cells: readonly (readonly number[])[]): MatrixBatch {
  return { kind: "matrix", rowCount: cells.length, width, values: Float64Array.from(cells.flat()) };
}

function plainAnswers(graph: ModelGraph, cells: readonly (readonly number[])[]): Predictions {
  return compileGraph(graph, { kernels: "reference" }).predict(matrix(cells));
}

function numbersOf({ outputs }: Predictions): Float64Array | Float32Array {
  const column = outputs["predict"];
  assert.ok(column?.kind === "number");
  return column.values;
}

function assertSame(actual: Predictions, expected: Predictions): void {
  assert.deepEqual(actual.issues, expected.issues);
  assert.deepEqual(actual.warnings, expected.warnings);
  const refused = new Set(expected.issues.map((issue) => issue.row));
  const [left, right] = [numbersOf(actual), numbersOf(expected)];
  assert.equal(left.length, right.length);
  const outputs = left.length / expected.rowCount;
  for (let at = 0; at < left.length; at++) {
    if (!refused.has(Math.floor(at / outputs))) assert.ok(Object.is(left[at], right[at]), `cell ${at}`);
  }
}
