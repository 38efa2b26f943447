// A forest as a whole: threads, ends before its end, options and weights.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fitForest } from "../../src/train/fit-forest.ts";
import type { ForestSpec } from "../../src/train/model-spec.ts";
import { trainingMatrixBuilder } from "../../src/train/training-matrix.ts";
import { counts, denseNumbers, matrixOf, rides } from "./made-rows.ts";

const matrix = matrixOf(rides(800));
const spec: ForestSpec = { kind: "forest", trees: 7, maxDepth: 8, maxFeatures: 0.3 };

test("is the same for any number of threads, and another for another seed", async () => {
  const [one, three, other] = await Promise.all([
    fitForest(matrix, spec, { threads: 1 }),
    fitForest(matrix, spec, { threads: 3 }),
    fitForest(matrix, { ...spec, seed: 1 }, { threads: 2 }),
  ]);
  assert.deepEqual(three, one);
  assert.notDeepEqual(other.trees.feature, one.trees.feature);
});

test("tells of every tree, in order", async () => {
  const told: string[] = [];
  await fitForest(matrix, spec, { threads: 2, onProgress: ({ done, total }) => told.push(`${done}/${total}`) });
  assert.deepEqual(told, ["1/7", "2/7", "3/7", "4/7", "5/7", "6/7", "7/7"]);
});

test("ends with the signal's reason when it is aborted", async () => {
  const reason = new Error("enough");
  await assert.rejects(fitForest(matrix, spec, { threads: 1, signal: AbortSignal.abort(reason) }), reason);
  const stop = new AbortController();
  const fitting = fitForest(
    matrix,
    { ...spec, trees: 1000 },
    { threads: 2, signal: stop.signal, onProgress: () => stop.abort(reason) },
  );
  await assert.rejects(fitting, reason);
});

test("what is thrown while progress is told ends the training", async () => {
  const broken = new Error("broken pipe");
  const onProgress = (): void => {
    throw broken;
  };
  await assert.rejects(fitForest(matrix, { ...spec, trees: 50 }, { threads: 2, onProgress }), broken);
});

test("refuses options that mean nothing", async () => {
  const refused: readonly Partial<ForestSpec>[] = [
    { trees: 0 },
    { trees: 1.5 },
    { seed: -1 },
    { seed: 2 ** 32 },
    { maxDepth: 0 },
    { minSamplesSplit: 1 },
    { minSamplesLeaf: 0 },
    { minSamplesLeaf: 1.5 },
    { maxFeatures: 0 },
    { maxFeatures: 100_000 },
    { maxFeatures: "third" as never },
    { maxLeafNodes: 1 },
    { minImpurityDecrease: -1 },
    { criterion: "gini" },
    { bootstrap: false, maxSamples: 0.5 },
    { maxSamples: 801 },
    { maxDepth: Number.NaN },
  ];
  for (const each of refused) {
    await assert.rejects(fitForest(matrix, { ...spec, ...each }), { code: "TRAIN_OPTION" }, JSON.stringify(each));
  }
  await assert.rejects(fitForest(matrix, spec, { threads: 0 }), { code: "TRAIN_OPTION" });
});

test("refuses numbers that float32 cannot hold", async () => {
  const builder = trainingMatrixBuilder({ task: "regression" });
  builder.add({ rows: [{ x: 1e39 }, { x: 1 }], targets: [1, 2] });
  await assert.rejects(fitForest(builder.finish(), spec), { code: "TRAIN_DATA" });
  const { rows } = rides(20);
  const large = matrixOf({ rows, targets: rows.map((_, at) => at * 1e200) });
  await assert.rejects(fitForest(large, spec), { code: "TRAIN_DATA" });
});

test("a weight of two is the same as the row twice", async () => {
  const made = denseNumbers(200);
  const targets = made.targets.map((target) => Math.round(Number(target)));
  const weighted = trainingMatrixBuilder({ task: "regression" });
  weighted.add({ rows: made.rows, targets, weights: made.rows.map((_, at) => 1 + (at % 2)) });
  const repeated = trainingMatrixBuilder({ task: "regression" });
  const twice = made.rows.flatMap((_, at) => (at % 2 === 1 ? [at, at] : [at]));
  repeated.add({ rows: twice.map((at) => made.rows[at] ?? {}), targets: twice.map((at) => targets[at]) });
  const plain: ForestSpec = { kind: "forest", trees: 1, bootstrap: false, maxFeatures: "all" };
  const [a, b] = await Promise.all([fitForest(weighted.finish(), plain), fitForest(repeated.finish(), plain)]);
  assert.deepEqual(a.trees, b.trees);
});

test("targets that do not vary are one leaf, and nothing weighs anything", async () => {
  const { rows } = rides(50);
  const fit = await fitForest(matrixOf({ rows, targets: rows.map(() => 4) }), { ...spec, trees: 2 });
  assert.deepEqual(
    [[...fit.trees.feature], [...fit.trees.leaves]],
    [
      [-1, -1],
      [4, 4],
    ],
  );
  assert.ok(fit.importances.every((each) => each === 0));
});

test("one row is a leaf", async () => {
  const fit = await fitForest(matrixOf({ rows: [{ a: "x", b: 1 }], targets: [3] }), { ...spec, trees: 1 });
  assert.deepEqual([...fit.trees.leaves], [3]);
});

test("orders made on demand grow the same trees as orders that are kept", async () => {
  // With one of many columns a node, orders are made when they are asked for; the rows are too few and then many enough
  // for either way of making them.
  const { rows } = counts(600);
  const wide = rows.map((row, at) => {
    const cells: Record<string, number> = { ...(row as Record<string, number>) };
    for (let column = 0; column < 12; column++) cells[`n${column}`] = Math.sin(at * (column + 1)) * 5;
    return cells;
  });
  const targets = wide.map((cells) => Math.round(Number(cells["n3"]) * 3 + Number(cells["n5"])));
  const sparse = await fitForest(matrixOf({ rows: wide, targets }), { ...spec, maxFeatures: 1, trees: 3 });
  assert.ok(sparse.trees.feature.length > 100);
  // Each leaf answers the mean of the rows that reach it: walk them all.
  const { feature, left, right, roots, cover } = sparse.trees;
  for (let node = 0; node < feature.length; node++) {
    if ((feature[node] ?? -1) < 0) continue;
    assert.equal((cover?.[left[node] ?? 0] ?? 0) + (cover?.[right[node] ?? 0] ?? 0), cover?.[node]);
  }
  assert.equal(cover?.[roots[1] ?? 0], 600);
});
