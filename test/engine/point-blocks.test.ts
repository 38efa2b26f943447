// Kernels over many points in blocks of rows: the same bits as the plain ones, at every size of a batch.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { OutputColumn } from "../../src/data/predictions.ts";
import { compileGraph } from "../../src/engine/compile.ts";
import type { ModelGraph } from "../../src/model/graph.ts";
import { graphBuilder } from "../../src/model/graph-builder.ts";

const width = 3;
const count = 5000;
let state = 7;
const random = (): number => {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return state / 0x40000000 - 1;
};
const points = Float64Array.from({ length: count * width }, random);
const columns = ["0", "1", "2"].map((name) => ({ name, type: "number" as const, nullable: false }));

function nearest(): ModelGraph {
  const graph = graphBuilder({ kind: "matrix", named: false, columns });
  const metric = { name: "manhattan" } as const;
  const distances = graph.add({ kind: "distances", inputs: [0], points, count, metric });
  const value = graph.add({ kind: "neighbors", inputs: [distances], count: 4 });
  return graph.finish({ predict: { value, scalar: false } }, "predict");
}

function kernelSums(): ModelGraph {
  const graph = graphBuilder({ kind: "matrix", named: false, columns });
  const kernel = graph.add({ kind: "kernel", inputs: [0], points, count, function: { name: "rbf", gamma: 0.5 } });
  const value = graph.add({
    kind: "weighted_sums",
    inputs: [kernel],
    starts: Int32Array.of(0, count, count + 2),
    columns: Int32Array.from({ length: count + 2 }, (_, at) => at % count),
    weights: Float64Array.from({ length: count + 2 }, random),
    constants: Float64Array.of(1, -1),
  });
  return graph.finish({ predict: { value, scalar: false } }, "predict");
}

for (const [name, make] of [
  ["neighbours", nearest],
  ["kernel sums", kernelSums],
] as const) {
  test(`${name} in blocks have the bits of the plain kernels`, () => {
    const graph = make();
    const [fast, plain] = (["fast", "reference"] as const).map((kernels) => compileGraph(graph, { kernels }));
    for (const rowCount of [0, 1, 26, 27, 80]) {
      const values = Float64Array.from({ length: rowCount * width }, random);
      const batch = { kind: "matrix" as const, rowCount, width, values };
      const [one, other] = [fast, plain].map((model) => model?.predict(batch).outputs["predict"] as OutputColumn);
      assert.deepEqual(one, other);
    }
  });
}
