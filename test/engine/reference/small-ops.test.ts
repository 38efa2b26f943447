// combine, constant, lookup, row_sum, weighted_median, labels of several outputs, and outputs side by side.
import assert from "node:assert/strict";
import { test } from "node:test";
import { outputValue } from "../../../src/data/prediction-text.ts";
import type { Label, OutputColumn } from "../../../src/data/predictions.ts";
import { compileGraph } from "../../../src/engine/compile.ts";
import type { GraphOutput } from "../../../src/model/graph.ts";
import { type GraphBuilder, graphBuilder } from "../../../src/model/graph-builder.ts";

type Build = (graph: GraphBuilder) => GraphOutput;

/** The answers for rows of numbers. */
function answer(rows: readonly (readonly number[])[], build: Build): OutputColumn {
  const width = rows[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, i) => ({ name: `${i}`, type: "number", nullable: true }) as const);
  const graph = graphBuilder({ kind: "matrix", named: false, columns });
  const predictor = compileGraph(graph.finish({ predict: build(graph) }, "predict"));
  const values = Float64Array.from(rows.flat());
  const { outputs } = predictor.predict({ kind: "matrix", rowCount: rows.length, width, values });
  return outputs["predict"] as OutputColumn;
}

function numbers(rows: readonly (readonly number[])[], build: Build): readonly number[] {
  const column = answer(rows, build);
  return column.kind === "number" ? [...column.values] : [];
}

const text = (value: string): Label => ({ type: "string", value });
const [a, b, c, x, y] = ["a", "b", "c", "x", "y"].map(text) as [Label, Label, Label, Label, Label];

test("combine works cell by cell, or with one column for all", () => {
  const rows = [
    [6, 3, 2],
    [1, 0, -1],
  ];
  const add: Build = (graph) => ({
    value: graph.add({ kind: "combine", inputs: [0, 0], function: "add" }),
    scalar: false,
  });
  assert.deepEqual(numbers(rows, add), [12, 6, 4, 2, 0, -2]);
  const divide: Build = (graph) => {
    const last = graph.add({ kind: "select", inputs: [0], columns: Int32Array.of(2) });
    return { value: graph.add({ kind: "combine", inputs: [0, last], function: "divide" }), scalar: false };
  };
  assert.deepEqual(numbers(rows, divide), [3, 1.5, 1, -1, -0, 1]);
});

test("logaddexp keeps infinities and doubles equal numbers", () => {
  const inf = Number.POSITIVE_INFINITY;
  const rows = [
    [0, 0],
    [-inf, -inf],
    [-inf, 3],
    [1000, 0],
    [inf, 1],
  ];
  const build: Build = (graph) => {
    const [first, second] = [0, 1].map((column) =>
      graph.add({ kind: "select", inputs: [0], columns: Int32Array.of(column) }),
    ) as [number, number];
    return { value: graph.add({ kind: "combine", inputs: [first, second], function: "logaddexp" }), scalar: true };
  };
  assert.deepEqual(numbers(rows, build), [Math.LN2, -inf, 3, 1000, inf]);
});

test("row_sum adds a row in numpy's order, and constant gives every row the same", () => {
  const row = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
  const sum: Build = (graph) => ({ value: graph.add({ kind: "row_sum", inputs: [0] }), scalar: true });
  // numpy.array([0.1, …, 0.9]).sum()
  assert.deepEqual(numbers([row], sum), [4.5]);
  const constant: Build = (graph) => ({
    value: graph.add({ kind: "constant", inputs: [0], numbers: Float64Array.of(1, -0), number: "f64" }),
    scalar: false,
  });
  assert.deepEqual(numbers([[1], [Number.NaN]], constant), [1, -0, 1, -0]);
});

test("weighted_median takes the first number whose weights reach half", () => {
  const median =
    (weights: readonly number[]): Build =>
    (graph) => ({
      value: graph.add({ kind: "weighted_median", inputs: [0], weights: Float64Array.from(weights) }),
      scalar: true,
    });
  const rows = [
    [3, 1, 2],
    [5, 5, 1],
  ];
  assert.deepEqual(numbers(rows, median([1, 1, 1])), [2, 5]);
  assert.deepEqual(numbers(rows, median([10, 1, 1])), [3, 5]);
  assert.deepEqual(numbers(rows, median([1, 1, 2])), [2, 1]);
});

test("argmax labels each output among its own numbers, and lookup gives a label's row", () => {
  const rows = [
    [0.2, 0.8, 1, 5, 5],
    [0.5, 0.5, 3, 2, 1],
  ];
  const labels = [
    [x, y],
    [a, b, c],
  ];
  const both: Build = (graph) => ({
    value: graph.add({ kind: "label", inputs: [0], rule: "argmax", labels }),
    scalar: false,
  });
  const column = answer(rows, both);
  assert.deepEqual(outputValue(column, 0), ["y", "b"]);
  assert.deepEqual(outputValue(column, 1), ["x", "a"]);
  const votes: Build = (graph) => {
    const three = graph.add({ kind: "select", inputs: [0], columns: Int32Array.of(2, 3, 4) });
    const label = graph.add({ kind: "label", inputs: [three], rule: "argmax", labels: [[a, b, c]] });
    const table = Float64Array.of(1, 0, 0, 2, 3, 3);
    return { value: graph.add({ kind: "lookup", inputs: [label], width: 2, table }), scalar: false };
  };
  assert.deepEqual(numbers(rows, votes), [0, 2, 1, 0]);
});

test("outputs that lie side by side answer as a list", () => {
  const column = answer([[1, 2, 3]], () => ({ value: 0, scalar: false, widths: [1, 2] }));
  assert.equal(column.kind, "list");
  assert.deepEqual(outputValue(column, 0), [[1], [2, 3]]);
  assert.throws(() => answer([[1, 2, 3]], () => ({ value: 0, scalar: false, widths: [1, 1] })), {
    code: "MODEL_GRAPH",
  });
});

test("ops that do not fit are refused", () => {
  const refused = (build: Build): void => assert.throws(() => answer([[1, 2]], build), { code: "MODEL_GRAPH" });
  refused((graph) => {
    const value = graph.add({ kind: "constant", inputs: [0], numbers: new Float64Array(3), number: "f64" });
    return { value: graph.add({ kind: "combine", inputs: [0, value], function: "add" }), scalar: false };
  });
  refused((graph) => ({
    value: graph.add({ kind: "weighted_median", inputs: [0], weights: Float64Array.of(1) }),
    scalar: true,
  }));
  refused((graph) => ({
    value: graph.add({ kind: "label", inputs: [0], rule: "argmax", labels: [[a, b], [c]] }),
    scalar: false,
  }));
  refused((graph) => ({
    value: graph.add({ kind: "lookup", inputs: [0], width: 1, table: Float64Array.of(1) }),
    scalar: true,
  }));
});
