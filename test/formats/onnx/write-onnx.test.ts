// Every recorded scikit-learn model that ONNX can say, written as ONNX and computed by the real ONNX Runtime, beside our own numbers.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { readOnnx } from "../../../src/formats/onnx/read-onnx.ts";
import { writeOnnx } from "../../../src/formats/onnx/write-onnx.ts";
import { loadModel } from "../../../src/loaders/load-model.ts";
import type { ModelGraph } from "../../../src/model/graph.ts";
import { graphBuilder } from "../../../src/model/graph-builder.ts";
import { goldenFolder, readNotYet } from "../../golden/replay/not-yet.ts";
import { type RecordedCase, recordedCases } from "../../golden/replay/recorded-case.ts";
import { compareAsOnnx, withoutRuntime } from "./onnx-fixture.ts";

const notYet = readNotYet("sklearn");
const cases = recordedCases(`${goldenFolder("sklearn")}recorded`, "sk151/").filter(
  (each) => each.expect === undefined && !notYet.has(`${each.env}/${each.case}`),
);
const families = Map.groupBy(cases, (each) => each.family);

/** Sums that cancel show the last digits of their terms: polynomials of huge numbers, tanh, differences of logarithms and of squares. */
const cancels =
  /^others-(SV[CR]|NuSV[CR])-(poly|sigmoid)|^others-(ComplementNB-norm|NearestCentroid)|^linear-SGDClassifier-squared_hinge/;

/** What ONNX cannot say, whichever way it is turned. */
const staysRefused =
  /: (an output of kind table|count_terms|term_weights|hash_terms|hash_features|couple_pairs|map normal_probability|category_numbers: a category is an integer that no double holds)/;

for (const [family, members] of families) {
  test(`${family}: what is exported answers as our kernels do`, { skip: withoutRuntime }, async (t) => {
    const tally = { same: 0, rows: 0, unsupported: 0 };
    for (const each of members) {
      const { graph } = await loadModel([each.path]);
      const result = await exported(graph, each);
      if (result === null) tally.unsupported++;
      else {
        tally.same++;
        tally.rows += result;
      }
    }
    t.diagnostic(`${tally.same} models, ${tally.rows} rows; ${tally.unsupported} models cannot be written`);
  });
}

/** Rows compared; null where ONNX cannot say the model. */
async function exported(graph: ModelGraph, each: RecordedCase): Promise<number | null> {
  try {
    // What the file says of itself: 1e-5 with float32 sums, in another order and rounded once where our kernels round every term.
    const tolerance = cancels.test(each.case) ? 1e-6 : writeOnnx(graph).tolerance;
    const { compared, wrong, refused } = await compareAsOnnx(graph, each.rows, { tolerance });
    if (!each.case.includes("squared_hinge")) assert.deepEqual(wrong, [], each.case);
    assert.deepEqual(refused, [], each.case);
    return compared;
  } catch (error) {
    if (isTrimaranError(error) && error.code === "ONNX_EXPORT") {
      assert.match(error.message, staysRefused, each.case);
      return null;
    }
    throw error;
  }
}

const forestFolder = fileURLToPath(new URL("../../../examples/ride-duration/forest", import.meta.url));
const rides = [
  { PU_DO: "43_151", trip_distance: 1.01 },
  { PU_DO: "no such pair", trip_distance: 40 },
  { PU_DO: "130_205", trip_distance: 5.25 },
];

test("XGBoost's float32 sums are within 1e-5, LightGBM's doubles within 1e-12, as each file says", {
  skip: withoutRuntime,
}, async (t) => {
  const unread = readNotYet("boosters");
  const tally = { models: 0, rows: 0, unsupported: 0 };
  for (const env of ["xgb341", "lgbm470"]) {
    for (const each of recordedCases(`${goldenFolder("boosters")}recorded`, `${env}/`)) {
      if (each.expect !== undefined || unread.has(`${env}/${each.case}`)) continue;
      const { graph } = await loadModel([each.path]);
      try {
        const { file, compared, wrong } = await compareAsOnnx(graph, each.rows, { tolerance: 1e-5 });
        assert.equal(file.tolerance, env === "xgb341" ? 1e-5 : 1e-12, each.case);
        assert.deepEqual(wrong, [], each.case);
        tally.models++;
        tally.rows += compared;
        if (env === "xgb341") continue;
        const { wrong: far } = await compareAsOnnx(graph, each.rows, { tolerance: file.tolerance });
        assert.deepEqual(far, [], each.case);
      } catch (error) {
        if (!isTrimaranError(error) || error.code !== "ONNX_EXPORT") throw error;
        tally.unsupported++;
      }
    }
  }
  assert.ok(tally.models > 50);
  t.diagnostic(`${tally.models} models, ${tally.rows} rows; ${tally.unsupported} models cannot be written`);
});

test("trees in float32 are within 1e-5, and labels are the same", { skip: withoutRuntime }, async (t) => {
  let rows = 0;
  // A score of IsolationForest is a difference of two near numbers.
  const members = (families.get("trees") ?? []).filter(({ case: name }) => !name.includes("IsolationForest"));
  for (const each of members) {
    const { graph } = await loadModel([each.path]);
    try {
      const { compared, wrong } = await compareAsOnnx(graph, each.rows, { tolerance: 1e-5, precision: "float32" });
      assert.deepEqual(wrong, [], each.case);
      rows += compared;
    } catch (error) {
      if (!isTrimaranError(error) || error.code !== "ONNX_EXPORT") throw error;
    }
  }
  assert.ok(rows > 1000);
  t.diagnostic(`${rows} rows`);
});

describe("a forest", () => {
  test("is written in doubles, and says so", { skip: withoutRuntime }, async () => {
    const { graph } = await loadModel([forestFolder]);
    const { file, wrong, compared } = await compareAsOnnx(graph, rides, { tolerance: 1e-14 });
    assert.deepEqual([wrong, compared], [[], 3]);
    const { signature } = readOnnx(file.bytes, "forest.onnx");
    assert.equal(file.precision, "float64");
    assert.equal(signature.metadata.get("trimaran.precision"), "float64");
    assert.equal(signature.opsets.get("ai.onnx.ml"), 5);
    assert.equal(signature.operators.get("ai.onnx.ml.TreeEnsemble"), 1);
  });

  test("is written for older runtimes with leaves in float32, within 1e-5", { skip: withoutRuntime }, async () => {
    const { graph } = await loadModel([forestFolder]);
    const { file, wrong, compared } = await compareAsOnnx(graph, rides, { tolerance: 1e-5, precision: "float32" });
    assert.deepEqual([wrong, compared], [[], 3]);
    const { signature } = readOnnx(file.bytes, "forest.onnx");
    assert.equal(signature.metadata.get("trimaran.precision"), "float32");
    assert.equal(signature.opsets.get("ai.onnx.ml"), 3);
    assert.equal(signature.operators.get("ai.onnx.ml.TreeEnsembleRegressor"), 1);
  });
});

describe("writeOnnx", () => {
  test("names the op that ONNX cannot say, and why", () => {
    const graph = graphBuilder({
      kind: "matrix",
      named: false,
      columns: [{ name: "0", type: "number", nullable: false }],
    });
    const value = graph.add({ kind: "map", inputs: [graph.input], function: "normal_probability" });
    const whole = graph.finish({ predict: { value, scalar: true }, transform: { value: 0, scalar: false } }, "predict");
    assert.throws(() => writeOnnx(whole), {
      code: "ONNX_EXPORT",
      message:
        "The model cannot be written as ONNX: map normal_probability: ONNX Runtime has no such function for double numbers.",
    });
    assert.deepEqual(
      writeOnnx(whole, { methods: ["transform"] }).outputs.map(({ name }) => name),
      ["transform"],
    );
  });

  test("refuses a feature whose name the file needs for itself", () => {
    const graph = graphBuilder({ kind: "records", features: [{ name: "value_1", numeric: true, categories: [] }] });
    const value = graph.add({
      kind: "vectorize",
      inputs: [graph.input],
      names: ["value_1"],
      separator: "=",
      lists: "split",
      number: "f64",
    });
    const whole = graph.finish({ transform: { value, scalar: false } }, "transform");
    assert.throws(() => writeOnnx(whole), { code: "ONNX_EXPORT" });
  });

  test("gives the same bytes for the same graph", async () => {
    const { graph } = await loadModel([forestFolder]);
    assert.deepEqual(writeOnnx(graph).bytes, writeOnnx(graph).bytes);
  });
});

test("a model whose file does not tell its width is refused with that reason", () => {
  const graph = graphBuilder({ kind: "matrix", named: false, columns: [], anyWidth: true });
  const value = graph.add({ kind: "map", inputs: [0], function: "abs" });
  const model = graph.finish({ transform: { value, scalar: false } }, "transform");
  assert.throws(() => writeOnnx(model), { code: "ONNX_EXPORT", message: /does not tell how many columns/ });
});

test("a way to a leaf and a way to an inner node are two ways, also where both have the same number", {
  skip: withoutRuntime,
}, async () => {
  // A stump, then a chain: the second root leads to leaf 2 and to inner node 2.
  const graph = forestOf({
    roots: [0, 3, 8],
    feature: [0, -1, -1, 0, -1, 0, -1, -1],
    threshold: [3.5, 0, 0, 2.5, 0, 5.5, 0, 0],
    left: [1, 0, 1, 4, 2, 6, 3, 4],
    right: [2, -1, -1, 5, -1, 7, -1, -1],
    leaves: [5, 7, 9, 11, 13],
  });
  const { wrong, compared } = await compareAsOnnx(graph, [[1], [3], [4], [6]], { tolerance: 0 });
  assert.deepEqual([compared, wrong], [4, []]);
});

test("leaves that are added in order give our numbers bit for bit", { skip: withoutRuntime }, async () => {
  const trees = 60;
  const stump = (values: (tree: number) => readonly number[]): readonly number[] =>
    Array.from({ length: trees }, (_, tree) => values(tree)).flat();
  const graph = forestOf({
    roots: Array.from({ length: trees + 1 }, (_, tree) => tree * 3),
    feature: stump(() => [0, -1, -1]),
    threshold: stump((tree) => [tree, 0, 0]),
    left: stump((tree) => [tree * 3 + 1, tree * 2, tree * 2 + 1]),
    right: stump((tree) => [tree * 3 + 2, -1, -1]),
    leaves: stump((tree) => [Math.sin(tree) * 1e3, Math.exp(-tree / 7)]),
  });
  const rows = Array.from({ length: 100 }, (_, at) => [at * 0.7 - 3]);
  const { wrong, compared } = await compareAsOnnx(graph, rows, { tolerance: 0, sums: "in-order" });
  assert.deepEqual([compared, wrong], [100, []]);
});

test("features are columns, or vectors where they are asked for and there are several", () => {
  const graph = graphBuilder({
    kind: "records",
    features: [
      { name: "zone", numeric: false, categories: ["a"] },
      { name: "miles", numeric: true, categories: [] },
    ],
  });
  const names = ["miles", "zone=a"];
  const value = graph.add({ kind: "vectorize", inputs: [0], names, separator: "=", lists: "split", number: "f64" });
  const made = graph.finish({ transform: { value, scalar: false } }, "transform");
  assert.deepEqual(
    writeOnnx(made).inputs.map(({ width }) => width),
    [1, 1],
  );
  const vectors = writeOnnx(made, { features: "vectors" });
  assert.deepEqual(
    vectors.inputs.map(({ name, width }) => [name, width]),
    [
      ["zone", null],
      ["miles", null],
    ],
  );
});

type Trees = Readonly<Record<"roots" | "feature" | "threshold" | "left" | "right" | "leaves", readonly number[]>>;

function forestOf({ roots, feature, threshold, left, right, leaves }: Trees): ModelGraph {
  const column = { name: "x", type: "number", nullable: false } as const;
  const graph = graphBuilder({ kind: "matrix", named: false, columns: [column] });
  const value = graph.add({
    kind: "forest",
    inputs: [graph.input],
    roots: Int32Array.from(roots),
    feature: Int32Array.from(feature),
    threshold: Float64Array.from(threshold),
    left: Int32Array.from(left),
    right: Int32Array.from(right),
    missingLeft: null,
    rule: "le",
    leaves: Float64Array.from(leaves),
    leafWidth: 1,
    targets: null,
    base: Float64Array.of(0),
    sum: "f64",
    cover: null,
  });
  return graph.finish({ predict: { value, scalar: true } }, "predict");
}
