// A sparse answer that would not fit into memory is refused before it is written out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compileGraph } from "../../src/engine/compile.ts";
import { graphBuilder } from "../../src/model/graph-builder.ts";

test("refuses to write out a sparse answer beyond the limit, and answers one below it", () => {
  const names = Array.from({ length: 2 ** 20 }, (_, column) => `c${column}`);
  const graph = graphBuilder({ kind: "records", features: [] });
  const value = graph.add({ kind: "vectorize", inputs: [0], names, separator: "=", lists: "split", number: "f64" });
  const predictor = compileGraph(graph.finish({ transform: { value, scalar: false } }, "transform"));
  const rows = Array.from({ length: 65 }, () => ({ c7: 3 }));
  assert.throws(() => predictor.predict({ kind: "records", rows }), { code: "MODEL_OUTPUT_LIMIT" });
  const column = predictor.predict({ kind: "records", rows: rows.slice(0, 1) }).outputs["transform"];
  assert.ok(column?.kind === "number" && column.values[7] === 3);
});
