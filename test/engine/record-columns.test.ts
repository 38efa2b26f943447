// Records that come as columns are answered, refused and warned of as the same records one by one.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cell, FeatureColumn, FeatureColumns } from "../../src/data/batch.ts";
import { columnsBatch, rowsOfColumns } from "../../src/data/feature-columns.ts";
import { compileGraph } from "../../src/engine/compile.ts";
import { affineColumns } from "../../src/engine/fast/affine-columns.ts";
import { CallFrame } from "../../src/engine/frame.ts";
import { RecordsReader } from "../../src/engine/records-reader.ts";
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
function rides(random: Random, rowCount: number, zoneCells: readonly Cell[]): FeatureColumns {
  const below = (count: number): number => Math.floor(random() * count);
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

/** Features that lie one behind the other in the model's columns, but not in the records; known and unknown; all numbers finite. */
function orderedRides(random: Random, rowCount: number, zoneCells: readonly Cell[]): FeatureColumns {
  const codes = (cells: readonly Cell[]): Int32Array =>
    Int32Array.from({ length: rowCount }, () => Math.floor(random() * cells.length));
  const flags: readonly Cell[] = ["no", "yes", null];
  const texts = zoneCells.filter((cell) => typeof cell === "string");
  const values = Float64Array.from({ length: rowCount }, () => random() * 9 - 3);
  return {
    rowCount,
    columns: new Map<string, FeatureColumn>([
      ["flag", { kind: "coded", codes: codes(flags), cells: flags }],
      ["strange", { kind: "number", values }],
      ["zone", { kind: "coded", codes: codes(texts), cells: texts }],
      ["distance", { kind: "number", values }],
    ]),
  };
}

function assertSame(graph: ModelGraph, makeRides: typeof orderedRides): void {
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
    const columns = makeRides(random, rowCount, cells);
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
  assertSame(affineGraph(1, "ignore"), rides);
  assertSame(affineGraph(3, "array"), rides);
});

test("linear models, feature by feature", () => {
  assertSame(affineGraph(1, "ignore"), orderedRides);
  assertSame(affineGraph(3, "array"), orderedRides);
});

test("features are taken one by one only where they are in the model's order and finite", () => {
  const { ops } = affineGraph(2, "ignore");
  const [vectorize, , affine] = ops;
  assert.ok(vectorize?.kind === "vectorize" && affine?.kind === "affine");
  const records = new RecordsReader(vectorize);
  const width = names.length;
  const sum = affineColumns({ records, affine, width, checksFinite: true });
  const asked = (...columns: [string, FeatureColumn][]): Float64Array | null =>
    sum({ rowCount: 1, columns: new Map(columns) }, new CallFrame(1));
  const number = (value: number): FeatureColumn => ({ kind: "number", values: Float64Array.of(value) });
  const text = (...cells: Cell[]): FeatureColumn => ({ kind: "coded", codes: Int32Array.of(0), cells });
  const weight = (name: string, output: number): number => affine.weights[output * width + names.indexOf(name)]!;
  assert.deepEqual(
    asked(["zone", text("3")], ["hour", number(0.1)], ["flag", text("no")]),
    Float64Array.of(...[0, 1].map((at) => 0.1 * weight("hour", at) + weight("zone=3", at) + affine.intercept[at]!)),
  );
  assert.equal(asked(["zone", text("3", "9")], ["zone=5", number(1)]), null);
  assert.equal(asked(["zone", text("3")], ["hour", number(Number.NaN)]), null);
  assert.equal(asked(["zone", text("3", null)], ["hour", number(1)]), null);
  assert.deepEqual(asked(["strange", number(Number.NaN)]), affine.intercept);
});

test("forests, with rows that are remembered", () => assertSame(forestGraph(), rides));
