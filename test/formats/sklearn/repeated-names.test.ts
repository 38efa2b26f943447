// Rows that give a column twice, for steps that would sum what the library measures entry by entry.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compileGraph } from "../../../src/engine/compile.ts";
import { graphBuilder } from "../../../src/model/graph-builder.ts";

test("a row that gives a column twice is refused by a cast that may not sum, and its neighbour is answered", () => {
  const graph = graphBuilder({ kind: "records", features: [] });
  const names = ["a=x", "c"];
  const rows = graph.add({
    kind: "vectorize",
    inputs: [graph.input],
    names,
    separator: "=",
    lists: "split",
    number: "f64",
  });
  const single = graph.add({ kind: "cast", inputs: [rows], number: "f64", repeated: "refuse" });
  const value = graph.add({ kind: "densify", inputs: [single], repeated: "sum" });
  const predictor = compileGraph(graph.finish({ transform: { value, scalar: false } }, "transform"));
  const batch = {
    kind: "records" as const,
    rows: [
      { "a=x": 2, a: "x" },
      { a: "x", c: 3 },
    ],
  };
  const { outputs, issues } = predictor.predict(batch, {});
  assert.deepEqual(
    issues.map(({ row, code }) => [row, code]),
    [[0, "repeated_name"]],
  );
  const column = outputs["transform"];
  assert.ok(column?.kind === "number");
  assert.deepEqual([...column.values.slice(2)], [1, 3]);
});
