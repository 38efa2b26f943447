// Records that come as columns are answered, refused and warned of as the same records one by one.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cell, FeatureColumn, FeatureColumns } from "../../src/data/batch.ts";
import { columnsBatch, rowsOfColumns } from "../../src/data/feature-columns.ts";
import { compileGraph } from "../../src/engine/compile.ts";
import type { ModelGraph } from "../../src/model/graph.ts";
import { graphBuilder } from "../../src/model/graph-builder.ts";
import { type Random, randomForest, randomFrom } from "./kernels/random-forest.ts";

const zones = 30;
const names = ["distance", "hour", "zone", ...Array.from({ length: zones }, (_, zone) => `zone=${zone}`), "flag=yes"];

function affineGraph(outputs: number, lists: "ignore" | "array"): ModelGraph {
  const random = randomFrom(2);
  const graph = graphBuilder({ kind: "records", features: [] });
  let value = graph.add({ kind: "vectorize", inputs: [0], names, separator: "=", lists, number: "f64" });
  const checks = { allowNaN: false, allowInfinite: false, estimator: "LinearRegression" };
  value = graph.add({ kind: "require_finite", inputs: [value], ...checks });
  const weights = Float64Array.from({ length: outputs * names.length }, () => random() * 2 - 1);
  const intercept = Float64Array.from({ length: outputs }, () => random());
  value = graph.add({ kind: "affine", inputs: [value], weights, intercept, number: "f64" });
  return graph.finish({ predict: { value, scalar: outputs === 1 } }, "predict");
}

function forestGraph(): ModelGraph {
  const { sum = "f64", ...forest } = randomForest({ seed: 3, trees: 20, width: names.length, depth: 8 });
  const graph = graphBuilder({ kind: "records", features: [] });
  let value = graph.add({ kind: "vectorize", inputs: [0], names, separator: "=", lists: "ignore", number: "f64" });
  value = graph.add({ kind: "cast", inputs: [value], number: "f32", repeated: "cast_then_sum" });
  const checks = { allowNaN: false, allowInfinite: false, estimator: "RandomForestRegressor" };
  value = graph.add({ kind: "require_finite", inputs: [value], ...checks });
  value = graph.add({ kind: "forest", inputs: [value], sum, ...forest });
  return graph.finish({ predict: { value, scalar: true } }, "predict");
}

/** Known and unknown texts, numbers under names of categories and the other way round, nulls, what is not finite. */
function rides(random: Random, rowCount: number, zoneCells: Cell[]): FeatureColumns {
  const below = (count: number): number => Math.floor(random() * count);
  zoneCells.push(String(zoneCells.length));
  const coded = (cells: readonly Cell[]): FeatureColumn => ({
    kind: "coded",
    codes: Int32Array.from({ length: rowCount }, () => below(cells.length)),
    cells,
  });
  const numbers = (): FeatureColumn => ({
    kind: "number",
    values: Float64Array.from({ length: rowCount }, () => {
      const pick = random();
      return pick < 0.01 ? Number.NaN : pick < 0.02 ? Infinity : pick < 0.1 ? -0 : below(50) / 10;
    }),
  });
  return {
    rowCount,
    columns: new Map([
      ["hour", numbers()],
      ["zone", coded(zoneCells)],
      ["flag", coded(["yes", "no", true, null, 4n])],
      ["distance", coded([0.5, 1n, true, 2])],
      ["zone=3", numbers()],
      ["strange", numbers()],
      ["stranger", coded(["x", 1])],
    ]),
  };
}

function assertSame(graph: ModelGraph): void {
  const random = randomFrom(4);
  const zoneCells: Cell[] = [null, 1, true];
  const others: Cell[] = ["3", "4"];
  const predictors = (["fast", "reference"] as const).map((kernels) => compileGraph(graph, { kernels }));
  // Another array of cells has codes of its own.
  for (const [cells, rowCount] of [
    [zoneCells, 3],
    [zoneCells, 3000],
    [others, 20_000],
    [zoneCells, 3000],
    [zoneCells, 0],
  ] as const) {
    for (let more = 0; more < 12; more++) cells.push(String(cells.length));
    const columns = rides(random, rowCount, cells);
    const wanted = predictors[1]!.predict({ kind: "records", rows: rowsOfColumns(columns) });
    for (const predictor of predictors) {
      const batch = columnsBatch(columns, graph.input);
      assert.ok(batch?.kind === "records" && batch.columns !== undefined);
      const is = predictor.predict(batch);
      assert.deepEqual(is.issues, wanted.issues);
      assert.deepEqual(is.warnings, wanted.warnings);
      const refused = new Set(wanted.issues.map(({ row }) => row));
      const [values, must] = [is, wanted].map(({ outputs: { predict } }) => {
        assert.ok(predict?.kind === "number");
        return Float64Array.from(predict.values).map((value, at) =>
          refused.has(Math.floor(at / predict.width)) ? 0 : value,
        );
      });
      assert.deepEqual(new BigUint64Array(values!.buffer), new BigUint64Array(must!.buffer));
    }
  }
}

test("linear models", () => {
  assertSame(affineGraph(1, "ignore"));
  assertSame(affineGraph(3, "array"));
});

test("forests, with rows that are remembered", () => assertSame(forestGraph()));
